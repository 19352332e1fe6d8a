import type { Choice } from '../domain/gate.js';
import { blockedAsks, nobodyAsked, planToApprove } from '../domain/problems/people.js';
import { workerSilent } from '../domain/problems/temporal.js';
import type { Plan } from '../domain/plan.js';
import { interrupted } from '../domain/problems/use.js';
import { askedOf, blockedOf } from '../domain/asked.js';
import type { Fact, Message, MessageName, RunRecord } from '../domain/record.js';
import { readPlan } from '../local.js';
import { decisionJson } from '../report/decision-json.js';
import { decisionText } from '../report/decision.js';
import { askRecord } from './follow.js';
import type { GlobalOptions, Io } from './io.js';
import { readThrough } from './read.js';
import { assertWorker, send, withRun, type Running } from './running.js';
import { whoAmI } from './who.js';

export interface DecideOptions extends GlobalOptions {
  plan?: string;
  note?: string;
  typed?: string;
  choice?: Choice;
}

type Asked = Extract<Fact, { kind: 'asked' }>;

/**
 * Shows what waits for a decision, and asks; with --plan it decides without asking, with --json it only shows.
 *
 * @returns 0 when the decision was taken, 3 when nothing was decided
 * @throws Problem `nobody-asked`, `plan-to-approve`, `message-refused` in the run's own words
 */
export const decideCommand = (
  name: 'approve' | 'reject',
  targetName: string | undefined,
  options: DecideOptions,
  io: Io,
): Promise<number> =>
  withRun(targetName, options, async (running) => {
    const waits = await whatWaits(running);
    const { plan } = options;
    const decided = plan
      ? decision(name, waits.asked, plan, options)
      : await ask(name, running, waits, options, io);
    if (!decided) return 3;
    const answer = await send(running.run.handle, decided.name, decided.message);
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : answer);
    return 0;
  });

interface Waits {
  record: RunRecord;
  asked: Asked;
}

async function whatWaits(running: Running): Promise<Waits> {
  const { client, target, run } = running;
  await assertWorker(running);
  const record = await askRecord(client, run.handle);
  if (!record) throw workerSilent(target.name);
  if (blockedOf(record)) throw blockedAsks(target.name);
  const asked = askedOf(record);
  if (record.outcome !== 'waiting' || !asked) throw nobodyAsked(target.name);
  return { record, asked };
}

interface Decided {
  name: MessageName;
  message: Message;
}

/** In manual mode going on is a choice, and an approval alone would not begin it. */
function decision(
  name: 'approve' | 'reject',
  { manual }: Asked,
  plan: string,
  { note, typed, choice = 'migrate' }: DecideOptions,
): Decided {
  const chooses = manual && name === 'approve';
  const message = {
    by: whoAmI(),
    plan,
    ...(note ? { note } : {}),
    ...(typed ? { typed } : {}),
    ...(chooses ? { choice } : {}),
  };
  return { name: chooses ? 'choose' : name, message };
}

/** Shows the whole plan, and asks the person who sits there. */
async function ask(
  name: 'approve' | 'reject',
  running: Running,
  { record, asked }: Waits,
  options: DecideOptions,
  io: Io,
): Promise<Decided | undefined> {
  const { target } = running;
  const plan = await wholePlan(running, asked.planHash);
  if (io.json) {
    io.out(JSON.stringify(decisionJson(record, plan, target.config.taskQueue), null, 2));
    return undefined;
  }
  io.out(decisionText(record, plan));
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
  if (isCancel(chosen))
    throw interrupted('nothing was decided', [`lockkeeper ${name} ${target.name} asks again`]);
  if (chosen === 'nothing') return undefined;
  if (chosen === 'approve' || chosen === 'reject') return decision(chosen, asked, hash, options);
  return decision('approve', asked, hash, { ...options, choice: chosen as Choice });
}

/** The plan as the state folder has it, here or where the worker is; in words why there is none. */
async function wholePlan({ client, target }: Running, planHash: string): Promise<Plan | string> {
  const local = await readPlan(target.config.state, planHash).catch(() => undefined);
  if (local) return local;
  try {
    return JSON.parse(await readThrough(client, target, { what: 'plan', hash: planHash })) as Plan;
  } catch (error) {
    return (error as Error).message;
  }
}
