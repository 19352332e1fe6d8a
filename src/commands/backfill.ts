import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowUpdateFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { connected, hasWorker, latestRun, type LatestRun } from '../client.js';
import { backfillIdOf } from '../domain/backfill/request.js';
import type { BackfillStatus } from '../domain/backfill/status.js';
import { exitCodes } from '../domain/exit-codes.js';
import type { Message, MessageName } from '../domain/record.js';
import { noBackfill } from '../domain/problems/backfill.js';
import { messageRefused, workerSilent } from '../domain/problems/temporal.js';
import { interrupted, wrongUse } from '../domain/problems/use.js';
import { homeAt, type Target } from '../local.js';
import { backfillText } from '../report/backfill.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';
import { leaveOnInterrupt } from './work.js';

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
    const answer = await run.handle
      .executeUpdate<string, [Message]>(word, { args: [message] })
      .catch(refusedOf(word));
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : `${word}: ${answer}`);
    return exitCodes.done;
  });

const refusedOf =
  (word: MessageName) =>
  (error: unknown): never => {
    if (error instanceof WorkflowUpdateFailedError)
      throw messageRefused(word, error.cause?.message ?? error.message);
    throw error;
  };

/** Shows how a backfill stands. @returns 0; 3 when it asks for a person */
export const backfillStatus = (
  name: string | undefined,
  targetName: string | undefined,
  options: GlobalOptions & { watch?: boolean },
  io: Io,
): Promise<number> =>
  withBackfill(name, targetName, options, async ({ target, run, name: of }) => {
    const handle = run.handle;
    const seen = await (options.watch ? watchToEnd(handle, target, of, io) : statusOf(handle));
    if (!options.watch) show(seen, io);
    return exitCodeOf(seen);
  });

export const statusOf = (handle: WorkflowHandle): Promise<BackfillStatus> =>
  handle.query<BackfillStatus>('status');

export const exitCodeOf = ({ state }: BackfillStatus): number =>
  state === 'needs a person' ? exitCodes.undecided : exitCodes.done;

export const show = (status: BackfillStatus, io: Io): void =>
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, ...status }, null, 2) : backfillText(status));

const LOOK_EVERY_MS = 1_000;

/** Shows it whenever it is another, until it ends or asks for a person. Ctrl-C leaves it alone. */
export async function watchToEnd(
  handle: WorkflowHandle,
  target: Target,
  name: string,
  io: Io,
): Promise<BackfillStatus> {
  const goesOn = interrupted(`the backfill ${name} goes on`, [
    `see it: lockkeeper backfill status ${name} ${target.name}`,
    `or pause it: lockkeeper backfill pause ${name} ${target.name}`,
  ]);
  const listenNoMore = leaveOnInterrupt(goesOn, io);
  try {
    for (let shown = ''; ; await sleep(LOOK_EVERY_MS)) {
      const status = await statusOf(handle);
      const isLast = ['done', 'stopped', 'needs a person'].includes(status.state);
      if (status.at !== shown && (isLast || !io.json)) show(status, io);
      shown = status.at;
      if (isLast) return status;
    }
  } finally {
    listenNoMore();
  }
}
