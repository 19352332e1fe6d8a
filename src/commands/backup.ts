import type { BackupRequest } from '../domain/requests.js';
import { backupsOf, homeAt } from '../local.js';
import { backupsJson, backupsText } from '../report/backups.js';
import type { GlobalOptions, Io } from './io.js';
import { startRun } from './start.js';

/** Takes a backup of the target's database, and nothing else. */
export const backupCommand = (
  target: string | undefined,
  options: GlobalOptions & { detach?: boolean; list?: boolean },
  io: Io,
): Promise<number> =>
  options.list
    ? listBackups(target, options, io)
    : startRun<BackupRequest>(target, options, io, {
        workflow: 'backup',
        request: {},
        summary: (name) => `back up ${name}`,
        detach: options.detach,
      });

/** Shows which backups there are. Needs no Temporal. */
export async function listBackups(
  targetName: string | undefined,
  { config }: GlobalOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const lines = (await backupsOf(target)).map(({ manifest, backup, provedAt, proofs }) => ({
    manifest,
    path: backup.path,
    provedAt,
    proofs,
  }));
  if (io.json) io.out(JSON.stringify(backupsJson(target.name, lines), null, 2));
  else io.out(backupsText(target.name, lines, Date.now()));
  return 0;
}
