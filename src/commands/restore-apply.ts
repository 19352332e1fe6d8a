import { exitCodes } from '../domain/exit-codes.js';
import { wrongUse } from '../domain/problems/use.js';
import { applyRows, homeAt } from '../local.js';
import { appliedText } from '../report/besides.js';
import type { Io } from './io.js';
import type { RestoreCommandOptions } from './restore.js';
import { commandWork } from './work.js';

/**
 * Puts rows that a restore has taken away back into the database that runs now. Looks first, and shows what it
 * would do; does it once a person says so, at the terminal or with --yes.
 *
 * @returns 0 when it was done or nothing was to do, 3 when a person must decide
 */
export async function applyCommand(
  targetName: string | undefined,
  { config, lost, yes = false, leaveConflicts = false }: RestoreCommandOptions,
  io: Io,
): Promise<number> {
  if (lost === undefined) throw wrongUse('say which rows: --lost <id>', 'restore');
  const target = homeAt(config).target(targetName);
  const work = commandWork(io);
  const tell = async (dryRun: boolean) => {
    const { index, applied } = await applyRows(target, { lost, dryRun, leaveConflicts }, work);
    const { id } = index;
    if (io.json) io.out(JSON.stringify({ schemaVersion: 1, id, dryRun, ...applied }, null, 2));
    else io.out(appliedText(index, applied, dryRun));
    return applied;
  };
  if (!yes) {
    const { rows, conflicting } = await tell(true);
    if (!rows && !conflicting) return exitCodes.done;
    if (!(await agreed(io, rows))) return exitCodes.undecided;
  }
  await tell(false);
  return exitCodes.done;
}

async function agreed(io: Io, rows: number): Promise<boolean> {
  if (!io.interactive) {
    if (!io.json) io.out('Nothing was changed. Do it: add --yes');
    return false;
  }
  const { confirm } = await import('@clack/prompts');
  return (await confirm({ message: `Put ${rows} rows in?`, initialValue: false })) === true;
}
