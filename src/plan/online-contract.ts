import { ONLY_COUNTED, type RehearsalConclusion } from '../domain/conclusion.js';
import type { Finding } from '../domain/plan.js';
import { closesSite } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';
import { procedures } from '../domain/verdict.js';
import type { PlanFacts } from './facts.js';
import { ONLY_RESTORE } from './rollback.js';

/** Findings by which it is known before a rehearsal that going back would not bring back all. */
const LOSES: readonly string[] = ['measured-values-lost', 'downgrade-missing'];

/**
 * Whether a plan that would close the site leaves it open: it is the last phase of a change, nothing speaks against it yet,
 * and the target's settings say so. What it is not known to lose, its rehearsal must prove: `whyNotOnline`.
 */
export const staysOnline = (
  { contract, upTo }: Pick<PlanFacts, 'contract' | 'upTo'>,
  risk: Risk,
  findings: readonly Finding[],
): boolean =>
  contract === 'online' &&
  upTo?.phase === 'contract' &&
  closesSite(procedures[risk]) &&
  !findings.some(({ rule }) => LOSES.includes(rule));

const ONLINE =
  'the site stays open (phases.contract: online): the rehearsal must show that the downgrade alone brings back every value, or nothing runs';

/** The way back in words. Of what stays online the downgrade is all of it. */
export const linesOf = (online: boolean, rollback: readonly string[]): readonly string[] =>
  online ? [ONLINE, ...rollback.filter((line) => line !== ONLY_RESTORE)] : rollback;

/** Why the site must be closed for it nevertheless, by what a rehearsal has shown; empty: it may stay open. */
export function whyNotOnline(conclusion: RehearsalConclusion): string[] {
  const { noWayBack, againFailed, schemaBack, rowsBack, valuesBack = 'not tried', rewritten } = conclusion;
  const { compared = '' } = conclusion;
  const differs = (what: string, found: 'same' | 'not tried' | readonly string[]): string[] =>
    found === 'same'
      ? []
      : [`${what} after going back: ${found === 'not tried' ? 'not tried' : found.slice(0, 3).join(', ')}`];
  return [
    ...(noWayBack === null ? [] : [noWayBack]),
    ...(againFailed === null ? [] : [`going forward again failed: ${againFailed}`]),
    ...differs('schema', schemaBack),
    ...differs('rows', rowsBack),
    ...differs('values', valuesBack),
    ...(compared.includes(ONLY_COUNTED) ? [`what was compared: ${compared} (rehearsal.compareUpToGiB)`] : []),
    ...(rewritten?.length ? [`it writes ${rewritten.slice(0, 3).join(', ')} anew, while all wait`] : []),
  ];
}
