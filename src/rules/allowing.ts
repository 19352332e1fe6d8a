import type { Finding } from '../domain/plan.js';
import type { Parsed } from '../sql/parse.js';
import type { Note } from '../sql/notes.js';
import { allowanceIn, allowed, type Allowance } from './allow.js';
import allowanceRefused from './allowance-refused.js';
import allowanceUnused from './allowance-unused.js';
import type { Rule } from './rule.js';

/** A note, what it allows, and which of its rules have found something. */
export interface Entry {
  note: Note;
  allowance: Allowance;
  used: Set<string>;
}

/** @param own - the user's own rules, which can be allowed as any other */
export const entryOf = (note: Note, own: readonly Rule[] = []): Entry => ({
  note,
  allowance: allowanceIn(note, own),
  used: new Set(),
});

/** Lowers a finding by the first entry that allows its rule, and takes note that it was needed. */
export function lowered(finding: Finding, entries: readonly Entry[]): Finding {
  for (const { allowance, used } of entries) {
    if ('fault' in allowance || !allowance.rules.includes(finding.rule)) continue;
    used.add(finding.rule);
    return allowed(finding, allowance.reason);
  }
  return finding;
}

/** What is wrong with a note, or that nothing needed it. */
export interface Left {
  rule: typeof allowanceRefused;
  note: Note;
  message: string;
}

export const leftOf = (entries: readonly Entry[]): Left[] =>
  entries.flatMap(({ note, allowance, used }): Left[] => {
    if ('fault' in allowance)
      return [{ rule: allowanceRefused, note, message: `this allows nothing: ${allowance.fault}` }];
    const unused = allowance.rules.filter((id) => !used.has(id));
    return unused.length
      ? [
          {
            rule: allowanceUnused,
            note,
            message: `${unused.join(', ')} found nothing here that had to be allowed`,
          },
        ]
      : [];
  });

/** The notes of a text's parts, each read when it is met. */
export function notesOf(
  part: Parsed,
  own?: readonly Rule[],
): { own: readonly Entry[]; below: readonly Entry[] } {
  const entry = (note: Note) => entryOf(note, own);
  return { own: (part.notes ?? []).map(entry), below: (part.below ?? []).map(entry) };
}
