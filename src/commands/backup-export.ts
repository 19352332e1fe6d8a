import { bytes } from '../domain/units.js';
import { exportBackup, fetchBackup, homeAt } from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';
import { commandWork } from './work.js';

interface ExportOptions extends GlobalOptions {
  backup?: string;
  format?: 'sql' | 'archive';
  to?: string;
}

/** Writes a backup to a file. Needs no Temporal. */
export async function exportCommand(
  targetName: string | undefined,
  { config, backup = 'latest', format = 'sql', to }: ExportOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const done = await exportBackup(target, { backup, format, to, by: whoAmI() }, commandWork(io));
  for (const alarm of done.alarms) io.say(`ALARM: ${alarm}`);
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, target: target.name, format, ...done }, null, 2));
  else
    io.out(
      `${done.path}: ${bytes(done.bytes)}, the backup ${done.backup} of ${done.startedAt}\n${HOW[format]}`,
    );
  return 0;
}

const HOW = {
  sql: 'Never run it over a live database: lockkeeper restore puts a database back beside, compared. Into an empty one: psql -X -1 -v ON_ERROR_STOP=1 -d DATABASE -f FILE',
  archive: 'Into an empty database: pg_restore --exit-on-error -d DATABASE FILE',
} as const;

/** Brings a backup here from a store. Needs no Temporal. */
export async function fetchCommand(
  targetName: string | undefined,
  { config, backup = 'latest' }: ExportOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(config).target(targetName);
  const { id, store } = await fetchBackup(target, backup, commandWork(io, { verbose: !io.json }));
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, target: target.name, backup: id, store }, null, 2));
  else io.out(`${id} is here, fetched from ${store} and hashed`);
  return 0;
}
