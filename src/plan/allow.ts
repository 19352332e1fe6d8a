import type { Finding } from '../domain/plan.js';
import type { Rule } from '../rules/rule.js';
import { entryOf, leftOf, lowered, type Entry } from '../rules/allowing.js';
import { about, whereOf } from './about.js';
import { allowancesOf, type PlacedEntry } from './comments.js';
import type { PendingRevision } from './facts.js';

/**
 * A revision's findings, those lowered that a comment in its file allows, and what is to be said of its comments. A
 * comment is meant for the next call below it, or the one on its line; of what the revision is as a whole
 * (`not-analysable`) it may speak anywhere.
 */
export function allowedIn(
  revision: PendingRevision,
  findings: readonly Finding[],
  own: readonly Rule[] = [],
): Finding[] {
  const entries = allowancesOf(revision, (note) => entryOf(note, own));
  if (entries.length === 0) return [...findings];
  const judged = findings.map((finding) => lowered(finding, meantFor(finding, entries)));
  const left = leftOf(entries.filter(isToldOf).map(({ entry }) => entry)).map(
    ({ rule, note, message }): Finding => ({
      ...about(rule, { ...whereOf(revision), line: note.line }, message),
      statement: `lockkeeper: ${note.text}`,
    }),
  );
  return [...judged, ...left];
}

const meantFor = ({ line }: Finding, entries: readonly PlacedEntry<Entry>[]): Entry[] =>
  entries.flatMap(({ entry, callAt }) => (line === undefined || line === callAt ? [entry] : []));

/** Below the last call of the upgrade stand the comments of the downgrade, which is judged when it is to run. */
const isToldOf = ({ entry, callAt }: PlacedEntry<Entry>): boolean =>
  callAt !== undefined || entry.used.size > 0;
