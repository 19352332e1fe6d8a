import type { Blocked } from './blocked.js';
import type { MessageName } from './message.js';
import type { EventName } from './notice.js';
import type { PlanSummary } from './plan.js';
import type { RunResult } from './requests.js';

export * from './message.js';

/** The lines of the runbook, in order. They are also the words that an operator reads. */
export const steps = [
  'fetch release',
  'check',
  'back up',
  'rehearse',
  'prove the backup',
  'hash the files',
  'read to the end',
  'restore and compare',
  'let backups go',
  'approve',
  'window',
  'keepsakes',
  'compare',
  'maintenance on',
  'back up again',
  'rest of keepsakes',
  'swap',
  'put rows back',
  'migrate',
  'verify',
  'deploy',
  'health',
  'maintenance off',
  'put the release back',
  'put the schema back',
  'put keepsakes back',
] as const;
export type StepName = (typeof steps)[number];

export type UndoName =
  | 'maintenance off'
  | 'put the database back'
  | 'put the release back'
  | 'put the schema back'
  | 'let keepsakes go'
  | 'deploy again'
  | 'migrate again';

/** A failure as the record keeps it: a Problem's code and words, or what else was thrown. */
export interface Failure {
  code: string;
  what: string;
  why?: string;
  next: readonly string[];
}

/** One thing that happened. `at` is an ISO 8601 time in UTC. */
export type Fact =
  | { at: string; kind: 'requested'; by: string; words: string }
  | { at: string; kind: 'planned'; plan: PlanSummary }
  | { at: string; kind: 'started'; step: StepName }
  | { at: string; kind: 'finished'; step: StepName; note?: string }
  | { at: string; kind: 'failed'; step: StepName; failure: Failure }
  | { at: string; kind: 'settled'; found: Settled; note: string }
  | { at: string; kind: 'tidied'; note: string }
  | { at: string; kind: 'cancelled' }
  | { at: string; kind: 'committed' }
  | { at: string; kind: 'undoing'; undo: UndoName }
  | { at: string; kind: 'undone'; undo: UndoName; note?: string }
  | { at: string; kind: 'left'; undo: UndoName; note: string }
  | { at: string; kind: 'undo failed'; undo: UndoName; failure: Failure; left: readonly UndoName[] }
  | { at: string; kind: 'asked'; planHash: string; approvals: number; manual: boolean; until: string }
  | {
      at: string;
      kind: 'blocked';
      blocked: Blocked;
      people: number;
      noWindow: string | null;
      until: string | null;
    }
  | { at: string; kind: 'put off'; note: string }
  | { at: string; kind: 'tried again'; note: string }
  | { at: string; kind: 'found'; what: string }
  | { at: string; kind: 'site'; is: 'open' | 'closed'; note: string }
  | { at: string; kind: 'overdue'; says: string }
  | { at: string; kind: 'reminded' }
  | { at: string; kind: 'not told'; event: EventName; why: string }
  | {
      at: string;
      kind: 'said';
      message: MessageName;
      by: string;
      via: 'signal' | 'update';
      note?: string;
      /** Of who approves a larger stall budget. */
      budgetMs?: number;
    }
  | { at: string; kind: 'sender'; message: string; by: string; identity: string }
  | { at: string; kind: 'refused'; message: MessageName; by: string; via: 'signal' | 'update'; why: string };

/** A fact before its time is put on it. */
export type WithoutTime<F> = F extends { at: string } ? Omit<F, 'at'> : never;

/** Where a migration whose answer was lost was found to be. */
export type Settled = 'old' | 'new' | 'between';

/**
 * How a run stands or ended. `failed`: it ended before anything was changed. `undone`: all is as before.
 * `partly undone`: something was left as it is on purpose, and a fact `left` says what and why.
 * `rejected`, `expired`: people did not want it; all is as before. `waiting`: people must decide.
 * `repair`: an undo failed, and the run waits for a person. `needs operator`: a person ended it there.
 */
export type Outcome =
  | 'running'
  | 'waiting'
  | 'rejected'
  | 'expired'
  | 'repair'
  | 'done'
  | 'failed'
  | 'undone'
  | 'partly undone'
  | 'needs operator';

export type RunKind = 'deploy' | 'rollback' | 'fix' | 'backup' | 'restore' | 'prove' | 'drill' | 'expire';

/** What happened, in order. All that is shown of a run is computed from this. */
export interface RunRecord {
  formatVersion: 1;
  kind: RunKind;
  target: string;
  workflowId: string;
  runId: string;
  /** The steps that this run is going to do, known once its procedure is. */
  steps: readonly StepName[];
  outcome: Outcome;
  facts: readonly Fact[];
}

export type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** The last fact of a kind, when there is one. */
export const lastOf = <K extends Fact['kind']>(
  { facts }: Pick<RunRecord, 'facts'>,
  kind: K,
): FactOf<K> | undefined => facts.findLast((fact): fact is FactOf<K> => fact.kind === kind);

/** The plan that the run made, when it got that far. */
export const planOf = (record: Pick<RunRecord, 'facts'>): PlanSummary | undefined =>
  lastOf(record, 'planned')?.plan;

/** From where to where a run goes. A rollback goes the plan's way back. */
export function wayOf(plan: PlanSummary, kind: RunKind): { release: string; revisions: string } {
  const back = (from: string, to: string) => (from === to ? `stays ${to}` : `${to} → ${from}`);
  const way = kind === 'rollback' ? back : (from: string, to: string) => `${from} → ${to}`;
  return {
    release: plan.running ? way(plan.running, plan.release) : plan.release,
    revisions: way(fromText(plan), plan.to.join(', ')),
  };
}

/** What stands above a plan's sentences: those of a restore say what it loses. */
export const sectionTitles = (kind: RunKind) =>
  kind === 'restore'
    ? { findings: 'What would be lost', rehearsed: 'The backup', rollback: 'It would also' }
    : { findings: 'Findings', rehearsed: 'Rehearsed', rollback: 'A rollback would' };

/** The revisions from which a plan goes, in words. */
export const fromText = ({ from }: PlanSummary): string => from.join(', ') || 'an empty database';

/** What the run's workflow ends with. */
export const resultOf = (record: RunRecord): RunResult => {
  const plan = planOf(record);
  return {
    outcome: record.outcome,
    ...(plan ? { planHash: plan.planHash, release: plan.release } : {}),
    record: `records/${record.target}/${record.runId}.json`,
  };
};

/** The failure that turned the run around, when there was one. */
export const failureOf = (record: RunRecord): Failure | undefined => {
  const fact = record.facts.findLast((each) => each.kind === 'failed' || each.kind === 'undo failed');
  return fact && 'failure' in fact ? fact.failure : undefined;
};
