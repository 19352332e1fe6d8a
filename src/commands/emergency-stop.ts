import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { connected, latestRun, type LatestRun } from '../client.js';
import type { EmergencyFact } from '../domain/emergency.js';
import { exitCodes } from '../domain/exit-codes.js';
import { Problem } from '../domain/problem.js';
import { workflowIdOf } from '../domain/requests.js';
import {
  closeNow,
  homeAt,
  inEmergency,
  keepOff,
  stopApplication,
  stopWriters,
  type Target,
  type Work,
} from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';
import { commandWork } from './work.js';

/** How long the run that is cancelled is waited for: its undo may start the release before again. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Stops all that a target does, without its run's id and without Temporal: closes the site, cancels what runs, stops
 * writers and application. Each of them is done whatever comes of the others. Harmless twice.
 *
 * @returns 0 when all was done, 4 when something is left to a person
 */
export async function emergencyStop(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const facts = await stopAll(homeAt(options.config).target(targetName), io);
  const failed = facts.filter(({ ok }) => !ok);
  if (io.json)
    io.out(JSON.stringify({ schemaVersion: 1, stopped: failed.length === 0, did: facts }, null, 2));
  return failed.length ? exitCodes.operator : exitCodes.done;
}

/** The same for who goes on from there. @returns what was done */
export async function stopAll(target: Target, io: Io): Promise<EmergencyFact[]> {
  const by = whoAmI();
  const work = commandWork(io);
  const facts: EmergencyFact[] = [];
  const does = async (what: string, act: () => Promise<string>): Promise<void> => {
    const fact = await inEmergency(target, by, what, act);
    facts.push(fact);
    if (!io.json) io.out(`${fact.ok ? 'done  ' : 'FAILED'}  ${what}: ${fact.came}`);
  };
  const stopBoth = async (again = ''): Promise<void> => {
    await does(`stop the application${again}`, () => stopApplication(target, by, work));
    await does(`stop the writers${again}`, () => stopWriters(target, work));
  };
  await does('close the site', () => closeNow(target, by, work));
  await stopBoth();
  let cancelled = false;
  await does('cancel the run', async () => {
    const came = await cancelRun(target, work);
    cancelled = came.cancelled;
    return came.says;
  });
  // What the run has undone may have started the release before.
  if (cancelled) await stopBoth(', again');
  if (!io.json) io.out(nextText(target.name));
  return facts;
}

async function cancelRun(target: Target, work: Work): Promise<{ cancelled: boolean; says: string }> {
  try {
    return await connected(target.config.state, (client) => cancelIn(client, target, work));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const kept = await keepOff(target);
    const says = kept
      ? `Temporal does not answer; run ${kept.slice(0, 8)} does nothing more when it is back. What is left of it: lockkeeper explain ${target.name}`
      : 'Temporal does not answer, and no run is open as far as the state folder knows';
    return { cancelled: false, says };
  }
}

async function cancelIn(
  client: Client,
  target: Target,
  { signal }: Work,
): Promise<{ cancelled: boolean; says: string }> {
  const run = await latestRun(client, workflowIdOf(target.name));
  if (!run?.running) return { cancelled: false, says: 'nothing runs' };
  await run.handle.cancel();
  const ended = await untilEnded(run, signal);
  const says = ended
    ? `the ${run.type} is cancelled, and has undone what it did: lockkeeper report ${target.name}`
    : `the ${run.type} is cancelled, and is still undoing: lockkeeper status ${target.name}; call this again when it has ended`;
  return { cancelled: true, says };
}

async function untilEnded({ handle }: LatestRun, signal: AbortSignal): Promise<boolean> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return true;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  return false;
}

const nextText = (target: string): string =>
  [
    '',
    'Next:',
    `  what is going on              lockkeeper emergency status ${target}`,
    `  a person has repaired it      lockkeeper emergency fix ${target}`,
    `  data is lost                  lockkeeper emergency data-loss ${target}`,
    `  nothing is wrong: start it    lockkeeper deploy ${target} --skip-migrate --release RELEASE`,
    `  and open the site             lockkeeper maintenance off ${target}`,
  ].join('\n');
