import type { Client, WorkflowHandle } from '@temporalio/client';
import { connected, hasWorker, latestRun, type LatestRun } from '../client.js';
import { backfillIdOf } from '../domain/backfill/request.js';
import type { BackfillStatus } from '../domain/backfill/status.js';
import { exitCodes } from '../domain/exit-codes.js';
import type { Message, MessageName } from '../domain/record.js';
import { noBackfill } from '../domain/problems/backfill.js';
import { workerSilent } from '../domain/problems/temporal.js';
import { wrongUse } from '../domain/problems/use.js';
import { homeAt, type Target } from '../local.js';
import { backfillText } from '../report/backfill.js';
import { statusOf, watchBeside } from './beside-run.js';
import type { GlobalOptions, Io } from './io.js';
import { send } from './running.js';
import { whoAmI } from './who.js';

interface Found {
  client: Client;
  target: Target;
  name: string;
  run: LatestRun;
}

/** @throws Problem `no-backfill`, `worker-silent`; `no-target`, or why Temporal cannot be reached */
async function withBackfill<T>(
  name: string | undefined,
  targetName: string | undefined,
  options: GlobalOptions,
  act: (found: Found) => Promise<T>,
): Promise<T> {
  const target = homeAt(options.config).target(targetName);
  if (!name) throw wrongUse('say which backfill', 'backfill');
  return connected(target.config.state, async (client) => {
    const run = await latestRun(client, backfillIdOf(target.name, name));
    if (!run) throw noBackfill(target.name, name);
    if (!(await hasWorker(client, target.config.taskQueue))) throw workerSilent(target.name);
    return act({ client, target, name, run });
  });
}

/** Says `pause`, `resume` or `stop` to a backfill, and tells what it answered. */
export const backfillMessage = (
  word: MessageName,
  name: string | undefined,
  targetName: string | undefined,
  options: GlobalOptions & { note?: string },
  io: Io,
): Promise<number> => {
  const { note } = options;
  return say(word, name, targetName, { by: whoAmI(), ...(note ? { note } : {}) }, options, io);
};

/** Says how many rows a second it may change at most. */
export const backfillRate = (
  name: string | undefined,
  rows: string | undefined,
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> =>
  say('rate', name, targetName, { by: whoAmI(), rowsPerSecond: rateOf(rows) }, options, io);

/** @throws Problem `wrong-use` */
export function rateOf(rows: string | undefined): number {
  if (rows && /^\d{1,8}$/.test(rows)) return Number(rows);
  throw wrongUse(`rows a second are a whole number, not ${rows}`, 'backfill');
}

const say = (
  word: MessageName,
  name: string | undefined,
  targetName: string | undefined,
  message: Message,
  options: GlobalOptions,
  io: Io,
): Promise<number> =>
  withBackfill(name, targetName, options, async ({ target, run, name: of }) => {
    if (!run.running) throw noBackfill(target.name, of);
    const answer = await send(run.handle, word, message);
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : `${word}: ${answer}`);
    return exitCodes.done;
  });

/** Shows how a backfill stands. @returns 0; 3 when it asks for a person */
export const backfillStatus = (
  name: string | undefined,
  targetName: string | undefined,
  options: GlobalOptions & { watch?: boolean },
  io: Io,
): Promise<number> =>
  withBackfill(name, targetName, options, async ({ target, run, name: of }) => {
    const handle = run.handle;
    const seen = await (options.watch
      ? watchToEnd(handle, target, of, io)
      : statusOf<BackfillStatus>(handle));
    if (!options.watch) show(seen, io);
    return exitCodeOf(seen);
  });

export const exitCodeOf = ({ state }: BackfillStatus): number =>
  state === 'needs a person' ? exitCodes.undecided : exitCodes.done;

export const show = (status: BackfillStatus, io: Io): void =>
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, ...status }, null, 2) : backfillText(status));

/** Shows it until it ends or asks for a person. */
export const watchToEnd = (
  handle: WorkflowHandle,
  target: Target,
  name: string,
  io: Io,
): Promise<BackfillStatus> =>
  watchBeside(
    handle,
    {
      what: `the backfill ${name}`,
      see: `lockkeeper backfill status ${name} ${target.name}`,
      pause: `lockkeeper backfill pause ${name} ${target.name}`,
      show: (status: BackfillStatus) => show(status, io),
      isLast: ({ state }) => ['done', 'stopped', 'needs a person'].includes(state),
    },
    io,
  );
