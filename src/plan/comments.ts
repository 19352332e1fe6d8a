import { phaseIn } from '../domain/phased.js';
import type { Note } from '../sql/notes.js';
import type { PendingRevision } from './facts.js';

export interface PlacedEntry<E> {
  entry: E;
  /** Line of the call that it is meant for; undefined: no call of the upgrade stands below it. */
  callAt?: number;
}

const said = /^#+\s*lockkeeper\s*:\s*(.*)$/i;

/** The comments of a revision file that speak to Lockkeeper, each with the call that it stands above or behind. */
export function allowancesOf<E>(
  { allowances = [], lines = [] }: PendingRevision,
  entryOf: (note: Note) => E,
): PlacedEntry<E>[] {
  return allowances.flatMap(({ line, text }) => {
    const words = said.exec(text.trim())?.[1];
    // Which part of a change a revision is, is no allowance.
    if (words === undefined || phaseIn(words)) return [];
    const below = lines.filter((each) => each.line >= line).map((each) => each.line);
    const entry = entryOf({ text: words.replace(/\s+/g, ' ').trim(), line });
    return [{ entry, ...(below.length ? { callAt: Math.min(...below) } : {}) }];
  });
}
