import type { WorkflowHandle } from '@temporalio/client';
import type { PhasesStatus } from '../domain/phases/status.js';
import { standingWord } from '../domain/phases/status.js';
import { exitCodes } from '../domain/exit-codes.js';
import { noPhases } from '../domain/problems/phased-run.js';
import type { Message, MessageName } from '../domain/record.js';
import { minuteOf } from '../domain/units.js';
import { changesOf, homeAt, type Target } from '../local.js';
import { phasesStatusText } from '../report/phases.js';
import { statusOf, watchBeside } from './beside-run.js';
import type { GlobalOptions, Io } from './io.js';
import { withChange } from './phases-which.js';
import { send } from './running.js';
import { whoAmI } from './who.js';

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
    const answer = await send(run.handle, word, message);
    io.out(io.json ? JSON.stringify({ schemaVersion: 1, answer }) : `${word}: ${answer}`);
    return exitCodes.done;
  });

/** Shows how a change stands. @returns 0; 3 when it asks for a person */
export const phasesStatus = (
  args: Args,
  options: GlobalOptions & { watch?: boolean },
  io: Io,
): Promise<number> =>
  withChange(args, options, 'phases status', async ({ target, change, run: { handle } }) => {
    const status = await (options.watch
      ? watchChange(handle, target, change, io)
      : statusOf<PhasesStatus>(handle));
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

/** Shows it until it ends or asks for a person. */
export const watchChange = (
  handle: WorkflowHandle,
  target: Target,
  change: string,
  io: Io,
): Promise<PhasesStatus> =>
  watchBeside(
    handle,
    {
      what: `the change ${change}`,
      see: `lockkeeper phases status ${target.name} ${change}`,
      pause: `lockkeeper phases pause ${target.name} ${change}`,
      show: (status: PhasesStatus) => showStatus(status, io),
      isLast: (status) => ['done', 'abandoned'].includes(status.state) || exitCodeFor(status) !== 0,
    },
    io,
  );

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
        ? standingWord(status)
        : 'under way';
    return `${change.padEnd(32)} ${state}, begun ${minuteOf(openedAt)} UTC`;
  });
  io.out(lines.length ? lines.join('\n') : `no change of ${target.name} was ever begun here`);
  return exitCodes.done;
}
