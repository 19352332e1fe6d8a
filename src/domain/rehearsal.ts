import { type Cells, fewerFaults } from './cells.js';
import type { LockMode } from './plan.js';

/** How long one revision took on the copy. Milliseconds. */
export interface RehearsedRevision {
  revision: string;
  ms: number;
  longestStatementMs: number;
  /** Its first characters; empty when the revision sent none. */
  longestStatement: string;
}

/**
 * What came of running a plan on a restored copy of the database: forward, back, forward again. As it travels:
 * shortened to `MOST_BYTES`; the whole is in the file.
 */
export interface Rehearsal {
  /** L3: the backup was restored, and compared with its manifest. */
  backupProved: 'L3';
  /** Restoring, with building indexes and ANALYZE: what a restore would take. Milliseconds. */
  restoreMs: number;
  /** Size of the copy before the plan ran. */
  bytes: number;
  forwardMs: number;
  /** null: not tried, because of `noWayBack`. */
  backMs: number | null;
  /** null: not tried, or `againFailed`. */
  againMs: number | null;
  /** Why the way back could not be tried: revisions without a downgrade. */
  noWayBack: string | null;
  /** What failed going forward again after a way back that left differences. */
  againFailed: string | null;
  /** Of the first way forward, in the order of the plan; of many the slowest. */
  revisions: readonly RehearsedRevision[];
  /** Statements of the plan that were sent going forward. */
  statements: number;
  /** Whether the schema is the same after going back; else what is missing or left over. */
  schemaBack: 'same' | 'not tried' | readonly string[];
  /** Whether all tables have as many rows after going back. */
  rowsBack: 'same' | 'not tried' | readonly string[];
  /** Columns whose values are others after going back; absent in rehearsals of before 0.3. */
  valuesBack?: 'same' | 'not tried' | readonly string[];
  /** What of the values was compared, in words. */
  compared?: string;
  /** What going forward took besides time. */
  measured?: Measurements;
  /** The target's checks that are plain SQL, after going forward. */
  checks: 'passed' | readonly string[];
  /** Both releases on both schemas, where the settings say how to start them. */
  cells?: Cells;
  /** All of it, with every statement: a JSON file in the state folder, named by its hash. */
  file: string;
}

/** The strongest lock that a plan took on a table that was there. */
export interface RehearsedLock {
  name: string;
  lock: LockMode;
  /** Until the end of its transaction. Milliseconds. */
  heldMs: number;
}

/** What a plan took on the copy, going forward. Bytes. */
export interface Measurements {
  /** `private`: on a server of its own. */
  where: 'private' | 'server';
  /** Of the live database, whose copy may be smaller by now. */
  liveBytes: number;
  /** Those that keep others waiting, the strongest first. */
  locks: readonly RehearsedLock[];
  /** Tables that were written anew. */
  rewritten: readonly string[];
  walBytes: number;
  /** What the database has grown by. */
  diskBytes: number;
  temporaryBytes: number;
}

/** What a rehearsal sees of a run, in order: statements, then the end of their revision. */
export type Timed =
  | { event: 'statement'; revision: string; sql: string; ms: number }
  | { event: 'step_done'; revision: string; ms: number };

/** Adds up what each revision took. */
export function timesOf(seen: readonly Timed[]): RehearsedRevision[] {
  return seen
    .filter((each) => each.event === 'step_done')
    .map(({ revision, ms }) => {
      const longest = seen
        .filter((each) => each.event === 'statement')
        .filter((each) => each.revision === revision)
        .reduce((a, b) => (b.ms > a.ms ? b : a), { sql: '', ms: 0 });
      return {
        revision,
        ms,
        longestStatementMs: longest.ms,
        longestStatement: shortened(longest.sql, MOST_CHARACTERS),
      };
    });
}

const MOST_REVISIONS = 50;
const MOST_LINES = 8;
const MOST_LOCKS = 20;
const MOST_CHARACTERS = 120;
/** What it may weigh in a message, far below what Temporal takes. */
export const MOST_BYTES = 14_000;

/** The rehearsal small enough to travel: the slowest revisions, the first lines of each list. */
export function travelling(whole: Rehearsal): Rehearsal {
  const at = (revisions: number): Rehearsal => ({
    ...whole,
    revisions: slowest(whole.revisions, revisions),
    againFailed: whole.againFailed && shortened(whole.againFailed, 2 * MOST_CHARACTERS),
    noWayBack: whole.noWayBack && shortened(whole.noWayBack, 2 * MOST_CHARACTERS),
    schemaBack: firstLines(whole.schemaBack),
    rowsBack: firstLines(whole.rowsBack),
    ...(whole.valuesBack ? { valuesBack: firstLines(whole.valuesBack) } : {}),
    ...(whole.measured ? { measured: fewer(whole.measured) } : {}),
    ...(whole.cells ? { cells: fewerFaults(whole.cells) } : {}),
    checks: firstLines(whole.checks),
  });
  let revisions = MOST_REVISIONS;
  while (revisions > 0 && weight(at(revisions)) > MOST_BYTES) revisions -= 5;
  return at(revisions);
}

const fewer = (measured: Measurements): Measurements => ({
  ...measured,
  locks: measured.locks.slice(0, MOST_LOCKS),
  rewritten: measured.rewritten.slice(0, MOST_LOCKS),
});

const weight = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** The slowest of them, in their order. */
export function slowest(all: readonly RehearsedRevision[], most: number): readonly RehearsedRevision[] {
  const kept = new Set(all.toSorted((a, b) => b.ms - a.ms).slice(0, most));
  return all.filter((each) => kept.has(each));
}

function firstLines<Word extends string>(lines: Word | readonly string[]): Word | readonly string[] {
  if (typeof lines === 'string') return lines;
  const more = lines.length - MOST_LINES;
  const first = lines.slice(0, MOST_LINES).map((line) => shortened(line, MOST_CHARACTERS));
  return more > 0 ? [...first, `and ${more} more`] : first;
}

function shortened(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
