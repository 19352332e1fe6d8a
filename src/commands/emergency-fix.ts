import { connected, latestRun } from '../client.js';
import { seenAtText, type FixRequest, type SeenAt } from '../domain/emergency.js';
import { exitCodes } from '../domain/exit-codes.js';
import type { Way } from '../domain/left-to-do.js';
import { stateWord } from '../domain/page.js';
import { Problem } from '../domain/problem.js';
import { notRepaired, notYetRepair, runLives } from '../domain/problems/by-hand.js';
import { workerSilent } from '../domain/problems/temporal.js';
import { workflowIdOf } from '../domain/requests.js';
import { homeAt, isKeptOff, letGoOn, lookAt, type Target } from '../local.js';
import { askRecord } from './follow.js';
import type { GlobalOptions, Io } from './io.js';
import { send } from './running.js';
import { startRun } from './start.js';
import { isUnreachable } from './unreachable.js';
import { whoAmI } from './who.js';
import { commandWork } from './work.js';

/**
 * A person has repaired something by hand: looks where the database stands, says what was found, and goes on from
 * there. A run that waits at the gate `repair` tries its undo again; one that is no more is settled by a new run.
 *
 * @throws Problem `not-repaired`, `run-lives`; those of `startRun`
 */
export async function emergencyFix(
  targetName: string | undefined,
  options: GlobalOptions & { goOn?: boolean; detach?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const way: Way = options.goOn ? 'go-on' : 'put-back';
  const seen = await lookAt(target, commandWork(io).signal).catch(asProblem);
  if (seen instanceof Problem) return cannotLook(target.name, seen, io);
  io.say(seen ? seenAtText(seen) : 'no plan is known to compare the database with');
  const lives = await inLivingRun(target, seen, way, io);
  if (lives === 'unreachable') {
    io.say(
      `Temporal does not answer. The rest by hand: lockkeeper explain ${target.name}${options.goOn ? ' --go-on' : ''}`,
    );
    return exitCodes.operator;
  }
  if (lives === 'answered') return exitCodes.done;
  return startRun<FixRequest>(target.name, options, io, {
    workflow: 'fix',
    request: { way },
    summary: (name) => `settle what a run of ${name} has left`,
    detach: options.detach,
  });
}

async function notAtRepair(target: Target, runId: string, state: string): Promise<Problem> {
  return (await isKeptOff(target, runId)) ? notYetRepair(target.name, state) : runLives(target.name, state);
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

function cannotLook(target: string, { message }: Problem, io: Io): number {
  const found = `where the database stands is not known: ${message}`;
  const next = `nothing can be settled before it answers; how all else stands: lockkeeper emergency status ${target}`;
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, found: null, why: found, next }));
  else io.out(`${found}\n${next}`);
  return exitCodes.operator;
}

async function inLivingRun(
  target: Target,
  seen: SeenAt | null,
  way: Way,
  io: Io,
): Promise<'answered' | 'none' | 'unreachable'> {
  try {
    return await connected(target.config.state, async (client) => {
      const run = await latestRun(client, workflowIdOf(target.name));
      if (!run?.running) return 'none';
      const record = await askRecord(client, run.handle);
      if (!record) throw workerSilent(target.name);
      if (record.outcome !== 'repair') throw await notAtRepair(target, run.runId, stateWord(record));
      if (way === 'go-on')
        throw runLives(target.name, 'it undoes, and waits at the gate repair; lockkeeper stop ends it');
      if (seen?.found === 'between') throw notRepaired(target.name, seenAtText(seen));
      // The run has kept its hands off while a person was at work.
      await letGoOn(target, run.runId);
      const note = `repaired by hand; ${seen ? seenAtText(seen) : 'no plan to compare with'}`;
      const answer = await send(run.handle, 'retry', { by: whoAmI(), note: note.slice(0, 1_000) });
      io.out(io.json ? JSON.stringify({ schemaVersion: 1, found: seen?.found ?? null, answer }) : answer);
      return 'answered';
    });
  } catch (error) {
    if (isUnreachable(error)) return 'unreachable';
    throw error;
  }
}
