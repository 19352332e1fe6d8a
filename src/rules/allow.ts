import { near } from '../domain/near.js';
import type { Finding } from '../domain/plan.js';
import { risks, type Risk } from '../domain/risk.js';
import type { Note } from '../sql/notes.js';
import { rules } from './catalogue.js';
import type { Rule } from './rule.js';

/** What a note allows, or why it allows nothing. */
export type Allowance = { rules: readonly string[]; reason: string } | { fault: string };

const FORM = '`lockkeeper: allow RULE because REASON`';
/** Nobody can say of which statement that would be, or what it does. */
const NEVER = 'unreadable-sql';

/** Reads `allow table-dropped, column-dropped because nothing has used them since May`. */
export function allowanceIn({ text }: Pick<Note, 'text'>, own: readonly Rule[] = []): Allowance {
  const known = [...rules, ...own].map(({ id }) => id);
  const words = /^allow\s+([^]*?)(?:\s+because\b([^]*))?$/i.exec(text);
  if (!words) return { fault: `it says something else than ${FORM}` };
  const ids = (words[1] ?? '').split(/[\s,]+/).filter(Boolean);
  const reason = (words[2] ?? '').trim();
  const strange = ids.find((id) => !known.includes(id));
  if (strange !== undefined) return { fault: unknownRule(strange, known) };
  if (ids.length === 0) return { fault: `it names no rule: ${FORM}` };
  if (!/[\p{L}\p{N}]/u.test(reason)) return { fault: `the reason is missing: ${FORM}` };
  if (ids.includes(NEVER))
    return { fault: 'what cannot be read cannot be allowed: nobody knows what it does' };
  return { rules: ids, reason };
}

function unknownRule(id: string, known: readonly string[]): string {
  const meant = near(id, known);
  return `there is no rule ${id.slice(0, 60)}${meant.length ? `; did you mean ${meant.join(' or ')}?` : ''}`;
}

/**
 * The finding at the risk that it has once it is allowed: `low`, and `medium` where values may be lost or nobody knows
 * what it does, so that a backup, a rehearsal and a person remain. See docs/decisions, allowances.
 */
export function allowed(finding: Finding, reason: string): Finding {
  const rule = rules.find(({ id }) => id === finding.rule);
  const least: Risk = finding.dataLoss || rule?.blocks === 'not known' ? 'medium' : 'low';
  const risk = risks.indexOf(least) < risks.indexOf(finding.risk) ? least : finding.risk;
  return { ...finding, risk, allowed: { reason, risk: finding.risk } };
}
