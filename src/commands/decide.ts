import { WorkflowUpdateFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { connect, hasWorker, latestRun } from '../client.js';
import type { Choice } from '../domain/gate.js';
import { nobodyAsked, planToApprove } from '../domain/problems/people.js';
import { messageRefused, notRunning, workerSilent } from '../domain/problems/temporal.js';
import type { Fact, Message, MessageName, RunRecord } from '../domain/record.js';
import { workflowIdOf } from '../domain/requests.js';
import { homeAt, readPlan, type Target } from '../local.js';
import { checkText } from '../report/check.js';
import { runText } from '../report/run.js';
import { askRecord } from './follow.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';

export interface DecideOptions extends GlobalOptions {
  plan?: string;
  note?: string;
  typed?: string;
  choice?: Choice;
}

type Asked = Extract<Fact, { kind: 'asked' }>;

/**
 * Shows what waits for a decision, and asks; with --plan it decides without asking.
 *
 * @returns 0 when the decision was taken, 3 when nothing was decided
 * @throws Problem `nobody-asked`, `plan-to-approve`, `message-refused` in the run's own words
 */
export async function decideCommand(
  name: 'approve' | 'reject',
  targetName: string | undefined,
  options: DecideOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const client = await connect(target.config.state);
  try {
    const { handle, record, asked } = await whatWaits(client, target);
    const decided = options.plan
      ? { name: named(name, asked, options), message: messageOf(options.plan, options) }
      : await ask(name, { target, record, asked }, options, io);
    if (!decided) return 3;
    const answer = await send(handle, decided.name, decided.message);
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : answer);
    return 0;
  } finally {
    await client.connection.close();
  }
}

async function whatWaits(client: Client, target: Target) {
  const run = await latestRun(client, workflowIdOf(target.name));
  if (!run?.running) throw notRunning(target.name);
  if (!(await hasWorker(client, target.config.taskQueue))) throw workerSilent(target.name);
  const record = await askRecord(client, run.handle);
  if (!record) throw workerSilent(target.name);
  const asked = record.facts.findLast((fact) => fact.kind === 'asked');
  if (record.outcome !== 'waiting' || asked?.kind !== 'asked') throw nobodyAsked(target.name);
  return { handle: run.handle, record, asked };
}

/** In manual mode going on is a choice, and an approval alone would not begin it. */
const named = (name: 'approve' | 'reject', asked: Asked, { choice }: DecideOptions): MessageName =>
  name === 'approve' && (choice ?? asked.manual) ? 'choose' : name;

const messageOf = (plan: string, { note, typed, choice }: DecideOptions): Message => ({
  by: whoAmI(),
  plan,
  ...(note ? { note } : {}),
  ...(typed ? { typed } : {}),
  choice: choice ?? 'migrate',
});

/** Shows the whole plan, and asks the person who sits there. */
async function ask(
  name: 'approve' | 'reject',
  { target, record, asked }: { target: Target; record: RunRecord; asked: Asked },
  options: DecideOptions,
  io: Io,
): Promise<{ name: MessageName; message: Message } | undefined> {
  io.say(await shown(target, record, asked));
  const hash = asked.planHash.slice(0, 12);
  if (!io.interactive) throw planToApprove(target.name, name, hash);
  const { isCancel, select } = await import('@clack/prompts');
  const chosen = await select({
    message: `What do you, ${whoAmI()}, decide about plan ${hash}?`,
    initialValue: 'nothing',
    options: [
      ...(asked.manual
        ? [
            { value: 'migrate', label: 'migrate, and go on' },
            { value: 'skip', label: 'go on without the migration' },
            { value: 'end', label: 'end the run, everything as it was' },
          ]
        : [{ value: 'approve', label: 'approve it' }]),
      { value: 'reject', label: 'reject it: everything as it was' },
      { value: 'nothing', label: 'nothing now' },
    ],
  });
  if (isCancel(chosen) || chosen === 'nothing') return undefined;
  if (chosen === 'approve' || chosen === 'reject') return { name: chosen, message: messageOf(hash, options) };
  return { name: 'choose', message: messageOf(hash, { ...options, choice: chosen as Choice }) };
}

/** The plan as the state folder has it; a client on another host shows what the run itself says of it. */
async function shown(target: Target, record: RunRecord, { planHash }: Asked): Promise<string> {
  const plan = await readPlan(target.config.state, planHash).catch(() => undefined);
  return [...(plan ? [checkText(plan), ''] : []), runText(record)].join('\n');
}

async function send(handle: WorkflowHandle, name: MessageName, message: Message): Promise<string> {
  try {
    return await handle.executeUpdate<string, [Message]>(name, { args: [message] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw messageRefused(name, error.cause?.message ?? error.message);
    throw error;
  }
}
