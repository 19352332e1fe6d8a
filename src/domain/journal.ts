import type { Backup } from './backup.js';
import type { Doing } from './doing.js';
import type { Fact, RunKind, StepName, UndoName } from './record.js';

/** One line of a run's journal: an attempt of an activity began, ended or failed. */
export interface JournalEntry {
  /** ISO 8601, UTC. */
  at: string;
  target: string;
  /** The activity. */
  step: string;
  attempt?: number;
  kind: 'began' | 'ended' | 'failed';
  /** Absent in journals of before 0.4. */
  doing?: Doing;
  planHash?: string;
  /** Of a backup that was taken. */
  backup?: Backup;
  note?: string;
  /** Why an undo deliberately did nothing. */
  left?: string;
  why?: string;
}

/** How far a run came, as the state folder tells: by its record, or by its journal when it has kept none. */
export interface Stood {
  target: string;
  runId: string;
  /** null: of a journal that does not say. */
  kind: RunKind | null;
  facts: readonly Fact[];
  planHash: string | null;
  /** The backup that was taken with the site closed. */
  backup: Backup | null;
  /** Whether it has ended and kept its record. */
  ended: boolean;
  /** Where it stood, in words. */
  says: string;
}

/** The activity that a line is over with, once that has ended. */
const lastOf: Partial<Record<StepName | UndoName, readonly string[]>> = {
  'maintenance on': ['closeSite'],
  'back up again': ['writersQuiet'],
  swap: ['swapIn'],
  'put rows back': ['applyTables'],
  migrate: ['upgrade'],
  'migrate again': ['upgrade'],
  verify: ['verify', 'verifyRestored'],
  deploy: ['startRelease'],
  'deploy again': ['health'],
  health: ['health'],
  'put the release back': ['health'],
  'put the schema back': ['downgrade'],
  'put the database back': ['downgrade', 'restore', 'swapBack'],
  'maintenance off': ['openSite'],
};

/** What the journal tells as facts. A line that may not have come to its end has none that says so. */
export function factsFrom(entries: readonly JournalEntry[]): Fact[] {
  const facts: Fact[] = [];
  let now: JournalEntry | undefined;
  const told = entries.filter(({ doing }) => doing?.step ?? doing?.undo);
  for (const entry of told) {
    if (!now || nameOf(now) !== nameOf(entry)) {
      if (now) facts.push(...closing(now, entry));
      facts.push(...beginning(entry, facts));
    }
    // The closure of a run that is no more.
    if (entry.step === 'takeOver' && entry.kind === 'ended')
      facts.push({ at: entry.at, kind: 'site', is: 'closed', note: 'as it was found' });
    now = entry;
  }
  return now && isOver(now) ? [...facts, over(now)] : facts;
}

const nameOf = ({ doing }: JournalEntry): string => `${doing?.step ?? ''}/${doing?.undo ?? ''}`;

const isOver = ({ kind, step, doing, left }: JournalEntry): boolean => {
  const line = doing?.undo ?? doing?.step;
  if (kind !== 'ended' || !line) return false;
  if (line === 'put the database back' && left !== undefined) return false; // the restore comes next
  return lastOf[line]?.includes(step) ?? false;
};

function over({ at, doing, left, note }: JournalEntry): Fact {
  const { step, undo } = doing!;
  if (step) return { at, kind: 'finished', step };
  if (left !== undefined) return { at, kind: 'left', undo: undo!, note: left };
  return { at, kind: 'undone', undo: undo!, ...(note ? { note } : {}) };
}

/** One line follows another; where undoing has begun, the step before it has not come to a good end. */
function closing(last: JournalEntry, next: JournalEntry): Fact[] {
  const { step } = last.doing!;
  if (!step || !next.doing?.undo || isOver(last)) return [over(last)];
  const what = last.why ?? 'the journal does not say how it ended';
  return [{ at: next.at, kind: 'failed', step, failure: { code: 'journal', what, next: [] } }];
}

function beginning({ at, doing }: JournalEntry, facts: readonly Fact[]): Fact[] {
  const { step, undo, committed } = doing!;
  const isNew = committed && !facts.some(({ kind }) => kind === 'committed');
  return [
    ...(isNew ? [{ at, kind: 'committed' } as const] : []),
    step ? { at, kind: 'started', step } : { at, kind: 'undoing', undo: undo! },
  ];
}

/** Where the last line of a journal leaves the run, in words. */
export function lastWords(entries: readonly JournalEntry[]): string {
  const last = entries.at(-1);
  if (!last) return 'before its first step';
  const line = last.doing?.undo ?? last.doing?.step ?? last.step;
  const what = last.doing?.undo ? `the undo ${line}` : line;
  const where = { began: 'in the middle of', ended: 'after', failed: 'after a failure in' }[last.kind];
  const activity = last.kind === 'failed' && last.why ? `: ${last.why}` : '';
  return `${last.kind === 'ended' && !isOver(last) && last.doing ? 'in the middle of' : where} ${what} (${last.at})${activity}`;
}
