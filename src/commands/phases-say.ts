import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { PhasesStatus } from '../domain/phases/status.js';
import { phasesWord } from '../domain/phases/status.js';
import { exitCodes } from '../domain/exit-codes.js';
import { noPhases } from '../domain/problems/phased-run.js';
import { messageRefused } from '../domain/problems/temporal.js';
import { interrupted } from '../domain/problems/use.js';
import type { Message, MessageName } from '../domain/record.js';
import { minuteOf } from '../domain/units.js';
import { changesOf, homeAt, type Target } from '../local.js';
import { phasesStatusText } from '../report/phases.js';
import type { LatestRun } from '../client.js';
import type { GlobalOptions, Io } from './io.js';
import { statusOf, withChange } from './phases-which.js';
import { whoAmI } from './who.js';
import { leaveOnInterrupt } from './work.js';

type Args = readonly (string | undefined)[];

/** Says something to a change in phases, and tells what it answered. */
export const sayToChange = (
  word: MessageName,
  args: Args,
  options: GlobalOptions & { note?: string; overrule?: string },
  io: Io,
): Promise<number> =>
  withChange(args, options, `phases ${word}`, async ({ target, change, run }) => {
    if (!run.running) throw noPhases(target.name, change, []);
    const { note, overrule } = options;
    const message: Message = {
      by: whoAmI(),
      ...(note ? { note } : {}),
      ...(overrule ? { overrule } : {}),
    };
    const answer = await run.handle
      .executeUpdate<string, [Message]>(word, { args: [message] })
      .catch((error: unknown) => {
        if (error instanceof WorkflowUpdateFailedError)
          throw messageRefused(word, error.cause?.message ?? error.message);
        throw error;
      });
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : `${word}: ${answer}`);
    return exitCodes.done;
  });

/** Shows how a change stands. @returns 0; 3 when it asks for a person */
export const phasesStatus = (
  args: Args,
  options: GlobalOptions & { watch?: boolean },
  io: Io,
): Promise<number> =>
  withChange(args, options, 'phases status', async ({ target, change, run }) => {
    const status = await (options.watch ? watchChange(run, target, change, io) : statusOf(run));
    if (!options.watch) showStatus(status, io);
    return exitCodeFor(status);
  });

export const showStatus = (status: PhasesStatus, io: Io): void =>
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, ...status }, null, 2) : phasesStatusText(status));

/** Nobody need do anything where it goes on by itself. */
export const exitCodeFor = ({ state, until, next }: PhasesStatus): number =>
  state === 'needs a person' || (state === 'waits' && until === null && next.length > 0)
    ? exitCodes.undecided
    : exitCodes.done;

const LOOK_EVERY_MS = 1_000;

/** Shows it whenever it is another, until it ends or asks for a person. Ctrl-C leaves it alone. */
export async function watchChange(
  run: Pick<LatestRun, 'handle'>,
  target: Target,
  change: string,
  io: Io,
): Promise<PhasesStatus> {
  const goesOn = interrupted(`the change ${change} goes on`, [
    `see it: lockkeeper phases status ${target.name} ${change}`,
    `or pause it: lockkeeper phases pause ${target.name} ${change}`,
  ]);
  const listenNoMore = leaveOnInterrupt(goesOn, io);
  try {
    for (let shown = ''; ; await sleep(LOOK_EVERY_MS)) {
      const status = await statusOf(run);
      const isLast = ['done', 'abandoned'].includes(status.state) || exitCodeFor(status) !== 0;
      if (status.at !== shown && (isLast || !io.json)) showStatus(status, io);
      shown = status.at;
      if (isLast) return status;
    }
  } finally {
    listenNoMore();
  }
}

/** All changes of a target, as the state folder knows them. */
export async function listPhases(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const notes = await changesOf(target.config.state, target.name);
  if (io.json) {
    const changes = notes.map(({ change, openedAt, closed, status }) => ({
      ...{
        change,
        openedAt,
        closed: closed ?? null,
        state: status?.state ?? null,
        phase: status?.phase ?? null,
      },
    }));
    io.out(JSON.stringify({ schemaVersion: 1, target: target.name, changes }, null, 2));
    return exitCodes.done;
  }
  const lines = notes.map(({ change, openedAt, closed, status }) => {
    const state = closed
      ? `${closed.as} ${minuteOf(closed.at)}`
      : status
        ? phasesWord(status).slice(8)
        : 'under way';
    return `${change.padEnd(32)} ${state}, begun ${minuteOf(openedAt)} UTC`;
  });
  io.out(lines.length ? lines.join('\n') : `no change of ${target.name} was ever begun here`);
  return exitCodes.done;
}
