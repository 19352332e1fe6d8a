import { linesOf, stateWord } from './page.js';
import { askedOf, failureOf, planOf, type MessageName, type RunRecord } from './record.js';
import { stateOf, stateText, type State } from './state.js';

/** Something that can be done now, as each client does it. */
export interface NextAction {
  does: string;
  /** Its message, sent as update or as signal, with this one JSON object; null: it is none. */
  message: MessageName | null;
  input: Readonly<Record<string, unknown>> | null;
  lockkeeper: string;
  temporal: string;
}

/** What a run waits for people to do. */
export type WaitsFor =
  | {
      what: 'decision';
      planHash: string;
      /** How many must approve, and who has so far. */
      approvals: number;
      approved: readonly string[];
      /** Manual mode: a person chooses. */
      manual: boolean;
      /** ISO time, UTC: then it ends as expired. */
      until: string;
    }
  | { what: 'repair'; undo: string; left: readonly string[] };

/** How a run stands, small: its record has the rest. Times are ISO 8601, UTC. */
export interface RunStatus {
  /** All of it in a sentence. */
  says: string;
  target: string;
  kind: RunRecord['kind'];
  workflowId: string;
  runId: string;
  outcome: RunRecord['outcome'];
  state: string;
  /** What it does now, or did last, and since when; null before the first line. */
  step: string | null;
  since: string;
  plan: { planHash: string; release: string; risk: string } | null;
  waitsFor: WaitsFor | null;
  /** Why it turned around. */
  failure: { code: string; what: string } | null;
  stands: State;
  next: readonly NextAction[];
}

/** @param taskQueue - of the worker, for commands that start something */
export function statusOf(record: RunRecord, taskQueue: string): RunStatus {
  const { target, kind, workflowId, runId, outcome } = record;
  const last = linesOf(record).findLast(({ state }) => state !== 'to do');
  const plan = planOf(record);
  const failure = outcome === 'done' ? undefined : failureOf(record);
  const waitsFor = waitsForOf(record);
  const state = stateWord(record);
  return {
    says: `${kind} of ${target}: ${state}${waitsFor ? `, ${waitsText(waitsFor)}` : ''}. ${stateText(stateOf(record))}`,
    ...{ target, kind, workflowId, runId, outcome, state },
    step: last?.name ?? null,
    since: sinceOf(record, last),
    plan: plan ? { planHash: plan.planHash, release: plan.release, risk: plan.risk } : null,
    waitsFor,
    failure: failure ? { code: failure.code, what: failure.what } : null,
    stands: stateOf(record),
    next: nextOf(record, waitsFor, taskQueue),
  };
}

/** While a line goes on: when it began; else when the last thing happened. */
const sinceOf = ({ facts }: RunRecord, last: ReturnType<typeof linesOf>[number] | undefined): string =>
  (last?.state === 'now' ? last.at : undefined) ?? facts.at(-1)?.at ?? '';

function waitsForOf(record: RunRecord): WaitsFor | null {
  if (record.outcome === 'repair') {
    const failed = record.facts.findLast((fact) => fact.kind === 'undo failed');
    return failed?.kind === 'undo failed' ? { what: 'repair', undo: failed.undo, left: failed.left } : null;
  }
  const asked = askedOf(record);
  if (record.outcome !== 'waiting' || !asked) return null;
  const { planHash, approvals, manual, until } = asked;
  const approved = record.facts
    .slice(record.facts.indexOf(asked))
    .flatMap((fact) => (fact.kind === 'said' && fact.message !== 'reject' ? [fact.by] : []));
  return { what: 'decision', planHash, approvals, approved, manual, until };
}

function waitsText(waits: WaitsFor): string {
  if (waits.what === 'repair') return `${waits.undo} failed and a person must put it right`;
  const { approvals, approved, manual, until } = waits;
  const who = manual ? 'a person chooses' : `${approved.length} of ${approvals} approvals`;
  return `${who}, until ${until.slice(0, 16).replace('T', ' ')} UTC`;
}

const BY = 'you@example.com';

function nextOf(record: RunRecord, waits: WaitsFor | null, taskQueue: string): NextAction[] {
  const { target, outcome } = record;
  if (waits?.what === 'decision') return [readPlan(target, waits, taskQueue), ...decisions(record, waits)];
  if (waits)
    return [
      sent(record, 'try the undo again', 'retry', { by: BY }, ''),
      sent(record, 'end the run as it is', 'stop', { by: BY, note: 'why' }, ' --note "why"'),
    ];
  return outcome === 'running' ? [cancel(record)] : [readReport(record, taskQueue)];
}

type Deciding = Extract<WaitsFor, { what: 'decision' }>;

function decisions(record: RunRecord, { manual, planHash }: Deciding): NextAction[] {
  const plan = planHash.slice(0, 12);
  const input = { by: BY, plan };
  const reject = sent(
    record,
    'reject the plan: everything as it was',
    'reject',
    { ...input, note: 'why' },
    ` --plan ${plan} --note "why"`,
  );
  if (!manual)
    return [sent(record, 'approve the plan', 'approve', input, ` --plan ${plan}`), reject, cancel(record)];
  const choices = (['migrate', 'skip', 'end'] as const).map((choice) => ({
    ...sent(record, choiceText[choice], 'choose', { ...input, choice }, ''),
    lockkeeper: `lockkeeper approve ${record.target} --plan ${plan} --choice ${choice}`,
  }));
  return [...choices, reject, cancel(record)];
}

const choiceText = {
  migrate: 'migrate, and go on',
  skip: 'go on without the migration',
  end: 'end the run, everything as it was',
};

const sent = (
  { target, workflowId }: RunRecord,
  does: string,
  message: MessageName,
  input: Record<string, unknown>,
  flags: string,
): NextAction => ({
  ...{ does, message, input },
  lockkeeper: `lockkeeper ${message} ${target}${flags}`,
  temporal:
    `temporal workflow update execute --workflow-id ${workflowId} --name ${message} ` +
    `--input '${JSON.stringify(input)}'`,
});

const cancel = ({ target, workflowId }: RunRecord): NextAction => ({
  ...{ does: 'end the run; it undoes what it did', message: null, input: null },
  lockkeeper: `lockkeeper cancel ${target}`,
  temporal: `temporal workflow cancel --workflow-id ${workflowId}`,
});

const readPlan = (target: string, { planHash }: Deciding, taskQueue: string): NextAction => ({
  ...{ does: 'read the whole plan', message: null, input: null },
  lockkeeper: `lockkeeper approve ${target}`,
  temporal: readCommand(taskQueue, { target, what: 'check', hash: planHash.slice(0, 12) }),
});

const readReport = ({ target, runId }: RunRecord, taskQueue: string): NextAction => ({
  ...{ does: 'read the report', message: null, input: null },
  lockkeeper: `lockkeeper report ${target} --run ${runId}`,
  temporal: readCommand(taskQueue, { target, what: 'report', run: runId }),
});

const readCommand = (taskQueue: string, input: Record<string, unknown>): string =>
  `temporal workflow execute --type read --task-queue ${taskQueue} --input '${JSON.stringify(input)}'`;
