import type { Came } from '../domain/emergency.js';
import { exitCodes } from '../domain/exit-codes.js';
import { wrongUse } from '../domain/problems/use.js';
import type { RestoreRequest } from '../domain/requests.js';
import { homeAt, inEmergency, writeRecovery, type Target } from '../local.js';
import { stopAll } from './emergency-stop.js';
import type { GlobalOptions, Io } from './io.js';
import { restoreCommand } from './restore.js';
import { startRun } from './start.js';
import { isUnreachable } from './unreachable.js';
import { whoAmI } from './who.js';

export interface DataLossOptions extends GlobalOptions {
  backup?: string;
  /** Only write the report, of the last so many hours. */
  report?: string;
}

/**
 * Data is lost: stops everything, and puts the database back by a restore, which people approve with all that it
 * loses in its turn. The site stays closed until a person opens it. Writes a report of it, to be completed.
 *
 * Without `--backup` it stops, lists the backups, and ends: which one is a person's choice.
 *
 * @returns that of the restore; 3 when it waits for people, or for the choice of a backup
 */
export async function emergencyDataLoss(
  targetName: string | undefined,
  options: DataLossOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const hours = hoursOf(options.report ?? '24');
  const report = () => writeRecovery(target, Date.now() - hours * 3_600_000);
  if (options.report !== undefined) {
    io.out(await report());
    return exitCodes.done;
  }
  await stopAll(target, { ...io, out: io.say });
  const { backup, ...others } = options;
  if (!backup) {
    await restoreCommand(target.name, undefined, others, io);
    io.say(`\nNext: lockkeeper emergency data-loss ${target.name} --backup ID`);
    return exitCodes.undecided;
  }
  try {
    return await restored(target, backup, options, io);
  } finally {
    io.say(`Report, to be completed: ${await report()}`);
  }
}

async function restored(target: Target, backup: string, options: GlobalOptions, io: Io): Promise<number> {
  const what = `restore the backup ${backup}`;
  const { name } = target;
  const by = whoAmI();
  try {
    const code = await startRun<RestoreRequest>(name, options, io, {
      workflow: 'restore',
      request: { backup },
      summary: () => `${what} of ${name}: data was lost`,
    });
    await inEmergency(target, by, what, () => Promise.resolve(cameTo(code)));
    io.say(code === exitCodes.done ? lookText(name) : laterText(name));
    return code;
  } catch (error) {
    await inEmergency(target, by, what, () => Promise.reject(error as Error));
    if (isUnreachable(error)) io.say(withoutTemporalText(name, backup));
    throw error;
  }
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (hours > 0) return hours;
  throw wrongUse(`--report takes hours, such as 24; got ${text.slice(0, 40)}`, 'emergency data-loss');
}

const cameTo = (code: number): Came =>
  code === exitCodes.done
    ? 'restored'
    : code === exitCodes.undecided
      ? { left: 'people are asked whether all may be lost that was written since' }
      : { left: `not restored: exit code ${code}` };

const lookText = (name: string): string =>
  `The application runs; the site is still closed. Look whether all is well, then open it: lockkeeper maintenance off ${name}`;

const laterText = (name: string): string =>
  `When the restore is over, open the site: lockkeeper maintenance off ${name}\n` +
  `and have the report written anew: lockkeeper emergency data-loss ${name} --report 24`;

const withoutTemporalText = (name: string, backup: string): string =>
  [
    'Nothing was restored. While Temporal is away the backup can be put on another server, and be looked at there:',
    `  lockkeeper restore ${name} --backup ${backup} --to '\${OTHER_DATABASE_URL}'`,
  ].join('\n');
