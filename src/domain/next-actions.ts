import { budgetExample, endable } from './blocked-gate.js';
import type { MessageName, RunRecord } from './record.js';
import type { WaitsFor } from './status.js';

/** Something that can be done now, as each client does it. */
export interface NextAction {
  does: string;
  /** Its message, sent as update or as signal, with this one JSON object; null: it is none. */
  message: MessageName | null;
  input: Readonly<Record<string, unknown>> | null;
  lockkeeper: string;
  temporal: string;
}

const BY = 'you@example.com';

/** @param taskQueue - of the worker, for commands that start something */
export function nextOf(record: RunRecord, waits: WaitsFor | null, taskQueue: string): NextAction[] {
  const { target, outcome } = record;
  if (waits?.what === 'decision') return [readPlan(target, waits, taskQueue), ...decisions(record, waits)];
  if (waits?.what === 'blocked') return [...choicesOf(record, waits), cancel(record)];
  if (waits)
    return [
      sent(record, retryText[waits.what], 'retry', { by: BY }, ''),
      ...(waits.what === 'found' ? [openNow(record)] : []),
      sent(record, 'end the run as it is', 'stop', { by: BY, note: 'why' }, ' --note "why"'),
    ];
  return outcome === 'running' ? [cancel(record)] : [readReport(record, taskQueue)];
}

const retryText = {
  repair: 'try the undo again',
  found: 'go on: take the closed site over, and open it at the end',
};

const openNow = (record: RunRecord): NextAction => ({
  ...sent(record, 'open the site now', 'maintenance', { by: BY, turn: 'off' }, ''),
  lockkeeper: `lockkeeper maintenance off ${record.target}`,
});

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

type BlockedNow = Extract<WaitsFor, { what: 'blocked' }>;

function choicesOf(record: RunRecord, { blocked, people, noWindow }: BlockedNow): NextAction[] {
  const pids = endable(blocked);
  const budgetMs = budgetExample(blocked);
  const who = people > 1 ? ` (${people} people must send the same number)` : '';
  const choose = (
    does: string,
    input: Record<string, unknown> & { choice: string },
    flags = '',
  ): NextAction => ({
    ...sent(record, does, 'choose', { by: BY, ...input }, ''),
    lockkeeper: `lockkeeper choose ${input.choice} ${record.target}${flags}`,
  });
  return [
    choose('wait, and try again', { choice: 'wait' }),
    choose(`let others wait for longer${who}`, { choice: 'budget', budgetMs }, ` --ms ${budgetMs}`),
    ...(pids.length
      ? [choose('end these sessions, and try again', { choice: 'cancel', pids }, ` --pid ${pids.join(' ')}`)]
      : []),
    ...(noWindow ? [] : [choose('put it off until the next window', { choice: 'window' })]),
    choose(
      blocked.undo ? 'give up: somebody says retry or stop then' : 'give up: the run undoes what it did',
      { choice: 'give-up' },
    ),
  ];
}

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
