import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backup, BackupManifest } from '../../domain/backup.js';
import { tableNotInBackup } from '../../domain/problems/restore-run.js';
import { inCatalog, partsOf } from '../../domain/sql-name.js';
import { rowDifferences } from '../postgres/compare-contents.js';
import { shell } from '../shell.js';
import { rowCounts } from './contents.js';
import { type Filling, filledBeside, type Restored, type RestoreOptions } from './filled-beside.js';
import type { PgTools } from './pg-tools.js';
import { type Ready, readyFor, restoreArchive, trusted } from './restore-archive.js';

/**
 * Restores the rows of some tables, with the schema of all, into a new database beside: a table needs its types,
 * functions and keys. Foreign keys are left out, as what they refer to has no rows.
 *
 * @param names - `schema.table`; those of partitioned tables stand for their partitions
 * @throws Problem `table-not-in-backup`, those of `restoreBeside`
 */
export async function restoreTables(
  database: { url: string },
  backup: Backup,
  names: readonly string[],
  options: RestoreOptions,
): Promise<Restored> {
  const manifest = await trusted(backup, options);
  return filledBeside(database, ofTables(manifest, backup.path, names, options), options);
}

function ofTables(
  manifest: BackupManifest,
  path: string,
  names: readonly string[],
  options: RestoreOptions,
): Filling {
  const { signal } = options;
  let ready: Ready;
  return {
    sha256: `${manifest.sha256} ${names.join(' ')}`,
    ready: async (server) => void (ready = await readyFor(server, manifest, options)),
    fill: (copy) =>
      withList(ready.tools, path, names, signal, (list) =>
        restoreArchive(ready, { path, ...copy }, options, [`--use-list=${list}`]),
      ),
    verdict: async (client) => {
      const all = Object.entries(manifest.contents.tables);
      const wanted = Object.fromEntries(all.filter(([name]) => names.includes(name)));
      const found = await rowCounts(client, names, signal);
      return { differences: rowDifferences(wanted, found, ['in the backup', 'in the copy']), notes: [] };
    },
  };
}

/** Gives pg_restore a list of what to do: as it prints it, without the lines that are not wanted. */
async function withList(
  tools: PgTools,
  path: string,
  names: readonly string[],
  signal: AbortSignal,
  work: (list: string) => Promise<void>,
): Promise<void> {
  const { stdout } = await shell(
    { file: tools.restore, args: ['--list', path], env: { LC_ALL: 'C' } },
    { signal },
  );
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-list-'));
  try {
    const list = join(folder, 'list');
    await writeFile(list, wantedOf(stdout, names));
    await work(list);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const LEFT_OUT =
  /^\d+; \d+ \d+ (FK CONSTRAINT|MATERIALIZED VIEW DATA|BLOBS?|BLOB DATA|BLOB METADATA|SUBSCRIPTION|PUBLICATION|EVENT TRIGGER) /;

/** @throws Problem `table-not-in-backup` */
export function wantedOf(list: string, names: readonly string[]): string {
  const wanted = names.map((name) => partsOf(name).map(inCatalog).join(' '));
  const found = new Set<string>();
  const lines = list.split('\n').filter((line) => {
    if (LEFT_OUT.test(line)) return false;
    const data = /^\d+; \d+ \d+ TABLE DATA (.*) \S+$/.exec(line)?.[1];
    if (data === undefined) return true;
    if (!wanted.includes(data)) return false;
    found.add(data);
    return true;
  });
  const missing = names.filter((_, i) => !found.has(wanted[i]!));
  if (missing.length) throw tableNotInBackup(missing);
  return lines.join('\n');
}
