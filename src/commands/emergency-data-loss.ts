import { wrongUse } from '../domain/problems/use.js';
import type { RestoreRequest } from '../domain/requests.js';
import { homeAt, inEmergency, writeRecovery } from '../local.js';
import { stopAll } from './emergency-stop.js';
import type { GlobalOptions, Io } from './io.js';
import { restoreCommand } from './restore.js';
import { startRun } from './start.js';
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
  const began = Date.now();
  if (options.report !== undefined) {
    io.out(await writeRecovery(target, began - hoursOf(options.report) * 3_600_000));
    return 0;
  }
  await stopAll(target, { ...io, out: io.say });
  const { backup } = options;
  if (!backup) {
    await restoreCommand(target.name, undefined, options, io);
    io.say(`\nNext: lockkeeper emergency data-loss ${target.name} --backup ID`);
    return 3;
  }
  const code = await startRun<RestoreRequest>(target.name, options, io, {
    workflow: 'restore',
    request: { backup },
    summary: (name) => `restore ${backup} of ${name}: data was lost`,
  });
  const came = code === 0 ? 'restored' : `not restored yet (exit code ${code})`;
  await inEmergency(target, whoAmI(), `restore the backup ${backup}`, () => Promise.resolve(came));
  io.say(`Report, to be completed: ${await writeRecovery(target, began)}`);
  if (code === 0)
    io.say(`Look whether all is well, then open the site: lockkeeper maintenance off ${target.name}`);
  else
    io.say(
      `When it is over: lockkeeper emergency data-loss ${target.name} --report 24 writes the report anew`,
    );
  return code;
}

function hoursOf(text: string): number {
  const hours = Number(text);
  if (hours > 0) return hours;
  throw wrongUse(`--report takes hours, such as 24; got ${text.slice(0, 40)}`, 'emergency data-loss');
}
