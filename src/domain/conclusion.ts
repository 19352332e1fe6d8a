import type { Rehearsal } from './rehearsal.js';

/**
 * What of a rehearsal is part of the plan that people approve: equality and proofs. Timings are not, because
 * they are others each time.
 */
export type RehearsalConclusion = Pick<
  Rehearsal,
  'backupProved' | 'noWayBack' | 'againFailed' | 'schemaBack' | 'rowsBack' | 'checks'
>;

export const conclusionOf = (rehearsal: Rehearsal): RehearsalConclusion => {
  const { backupProved, noWayBack, againFailed, schemaBack, rowsBack, checks } = rehearsal;
  return { backupProved, noWayBack, againFailed, schemaBack, rowsBack, checks };
};

/** The conclusion in one sentence. */
export function conclusionText(conclusion: RehearsalConclusion): string {
  const { noWayBack, againFailed, schemaBack, rowsBack, checks } = conclusion;
  const surprises = [
    noWayBack,
    againFailed && `going forward again failed: ${againFailed}`,
    ...differences('schema after going back', schemaBack),
    ...differences('rows after going back', rowsBack),
    ...(checks === 'passed' ? [] : checks.map((line) => `check: ${line}`)),
  ].filter(Boolean);
  return surprises.length
    ? `backup proved; ${surprises.join('; ')}`
    : 'backup proved; forward, back and forward again; schema and rows the same after going back; checks passed';
}

const differences = (what: string, found: Rehearsal['schemaBack']): string[] =>
  typeof found === 'string' ? [] : [`${what}: ${found.slice(0, 3).join(', ')}`];
