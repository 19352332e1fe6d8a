import type { Came, EmergencyFact } from '../domain/emergency.js';
import { exitCodes } from '../domain/exit-codes.js';
import {
  closeNow,
  endTools,
  homeAt,
  inEmergency,
  stopApplication,
  stopWriters,
  type Target,
} from '../local.js';
import { cancelNow, type Cancelled } from './cancel-now.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';
import { commandWork } from './work.js';

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
  const target = homeAt(options.config).target(targetName);
  const facts = await stopAll(target, io);
  const isLeft = facts.some(({ ok, left }) => !ok || left);
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, stopped: !isLeft, did: facts }, null, 2));
  else io.out(nextText(target.name));
  return isLeft ? exitCodes.operator : exitCodes.done;
}

/** The same for who goes on from there. @returns what was done */
export async function stopAll(target: Target, io: Io): Promise<EmergencyFact[]> {
  const by = whoAmI();
  const work = commandWork(io);
  const facts: EmergencyFact[] = [];
  const does = async (what: string, act: () => Promise<Came>): Promise<void> => {
    const fact = await inEmergency(target, by, what, act);
    facts.push(fact);
    if (!io.json) io.out(lineOf(fact));
  };
  const stopBoth = async (again = ''): Promise<void> => {
    await does(`stop the application${again}`, () => stopApplication(target, by, work));
    await does(`stop the writers${again}`, () => stopWriters(target, work));
  };
  await does('close the site', () => closeNow(target, by, work));
  await stopBoth();
  let run: Omit<Cancelled, 'says'> = { isThere: false, isSilent: false };
  await does('cancel the run', async () => {
    const { says, ...rest } = await cancelNow(target, work, io.say);
    run = rest;
    return says;
  });
  if (run.isSilent) await does('end its tools', () => endTools(target));
  // What the run was at, or has undone, may have started a release.
  if (run.isThere) await stopBoth(', again');
  return facts;
}

const lineOf = ({ ok, nothing, left, what, came }: EmergencyFact): string => {
  const how = !ok ? 'FAILED' : left ? 'LEFT' : nothing ? '-' : 'done';
  return `${how.padEnd(6)}  ${what}: ${came}`;
};

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
