import {
  homeAt,
  knownBackup,
  knownBackups,
  recheckCopies,
  storedCopies,
  type KnownBackup,
  type Target,
} from '../local.js';
import { backupsJson, backupsText, storedJson, storedText, type BackupLine } from '../report/backups.js';
import { backupJson, backupText } from '../report/backup.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

/** Shows which backups there are. Needs no Temporal. */
export async function listBackups(
  targetName: string | undefined,
  { config, copies }: GlobalOptions & { copies?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  if (copies) {
    const found = await storedCopies(target, commandWork(io));
    if (io.json) io.out(JSON.stringify(storedJson(target.name, found.copies, found.notes), null, 2));
    else io.out(storedText(target.name, found.copies, found.notes, Date.now()));
    return found.notes.length ? 1 : 0;
  }
  const lines = (await knownBackups(target)).map(lineOf);
  if (io.json) io.out(JSON.stringify(backupsJson(target.name, lines), null, 2));
  else io.out(backupsText(target.name, lines, Date.now()));
  return 0;
}

/** Shows one backup whole. Needs no Temporal. */
export async function showBackup(
  targetName: string | undefined,
  { config, backup = 'latest', checkCopies }: GlobalOptions & { backup?: string; checkCopies?: boolean },
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const faults = checkCopies ? await checked(target, backup, io) : [];
  const line = lineOf(await knownBackup(target, backup));
  io.out(io.json ? JSON.stringify(backupJson(target.name, line), null, 2) : backupText(line, Date.now()));
  return faults.length ? 1 : 0;
}

async function checked(target: Target, backup: string, io: Io): Promise<string[]> {
  const found = await knownBackup(target, backup);
  const faults = await recheckCopies(target, found.backup, commandWork(io, { verbose: !io.json }));
  for (const fault of faults) io.say(`ALARM: ${fault}`);
  return faults;
}

/** A backup as lists have it. */
export const lineOf = ({
  manifest,
  backup,
  provedAt,
  proofs,
  here,
  copies,
  pins,
  leases,
}: KnownBackup): BackupLine => ({
  manifest,
  path: backup.path,
  provedAt,
  proofs,
  here,
  copies: copies.copies,
  missing: copies.missing,
  pins: pins.filter(({ holds }) => holds),
  leases,
});
