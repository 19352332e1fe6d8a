import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileUnfit } from '../../domain/problems/restore-run.js';
import { restoreFailed, restoreInterrupted, restoreToolUnfit } from '../../domain/problems/restore.js';
import type { Client } from '../postgres/client.js';
import { rowDifferences } from '../postgres/compare-contents.js';
import { connectionOf, restoringEnvironment } from '../postgres/connection.js';
import { identity } from '../postgres/identity.js';
import { shell, ToolFailed } from '../shell.js';
import { rowCounts } from './contents.js';
import { type Filling, filledBeside, type Restored, type RestoreOptions } from './filled-beside.js';
import { majorOf } from './pg-tools.js';
import { type PlainFile, plainFile } from './plain-file.js';
import { sessionName } from './session-name.js';

/**
 * Restores a plain SQL file into a new database beside, and compares it as far as such a file can tell: each table
 * has as many rows as lines of its COPY. The first error ends it, and nothing is left.
 *
 * @param expected - the file as it was when the plan was made
 * @throws Problem `file-unfit`, `psql-unfit`, `restore-failed`, those of `filledBeside`
 */
export async function restorePlain(
  database: { url: string },
  expected: PlainFile,
  options: RestoreOptions,
): Promise<Restored> {
  const { path } = expected;
  const { signal } = options;
  const found = await plainFile(path, options);
  if (found.sha256 !== expected.sha256) throw fileUnfit(path, 'it was changed since the plan was made');
  let rows: Map<string, number> | undefined;
  const filling: Filling = {
    sha256: found.sha256,
    ready: (server) => refuseUnfit(server, options),
    fill: async ({ name, url }) => {
      rows = await rowsIn(path, signal);
      await runPsql(path, { name, url }, options);
    },
    verdict: async (client) => ({
      differences: await differencesFrom(client, (rows ??= await rowsIn(path, signal)), signal),
      notes: [],
    }),
  };
  return filledBeside(database, filling, options);
}

const psqlOf = ({ pgBin }: RestoreOptions): string => (pgBin ? join(pgBin, 'psql') : 'psql');

/** psql reads what it was made for: \restrict came with minor versions, and settings with major ones. */
async function refuseUnfit(server: Client, options: RestoreOptions): Promise<void> {
  const { version, major } = await identity(server);
  const { stdout } = await shell({ file: psqlOf(options), args: ['--version'] }, { signal: options.signal });
  const ours = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1] ?? stdout.trim();
  if (majorOf(ours) < major) throw restoreToolUnfit(psqlOf(options), ours, major, `the server is ${version}`);
}

async function runPsql(
  path: string,
  { name, url }: { name: string; url: string },
  options: RestoreOptions,
): Promise<void> {
  const { signal, onProgress, onStart, applicationName, attempt } = options;
  const connection = connectionOf(url);
  let seen = 0;
  const onLine = () => (seen += 1) % 50 || onProgress(`restoring: ${seen} statements done`);
  const command = {
    file: psqlOf(options),
    // Without one transaction around it: large objects bring one of their own, which would end ours.
    args: ['--no-psqlrc', '--no-password', '--set=ON_ERROR_STOP=1', `--file=${path}`],
    env: restoringEnvironment(connection, sessionName(applicationName, attempt)),
  };
  try {
    const { stderr } = await shell(command, { signal, onLine, ...(onStart ? { onStart } : {}) });
    const errors = stderr.split('\n').filter((line) => /\bERROR:|\bFATAL:/.test(line));
    if (errors.length) throw restoreFailed(name, errors.slice(0, 3).join('; '));
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const words = error.lastWords(4);
    if (error.signal || /server closed the connection|terminating connection|could not connect/.test(words))
      throw restoreInterrupted(name, words);
    throw restoreFailed(name, words);
  }
}

/** Rows of each COPY block, by the table as the file names it. INSERTs are not counted. */
async function rowsIn(path: string, signal: AbortSignal): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  const reader = createInterface({ input: createReadStream(path, { signal }), crlfDelay: Infinity });
  let table: string | undefined;
  for await (const line of reader) {
    if (table !== undefined) {
      if (line === '\\.') table = undefined;
      else rows.set(table, (rows.get(table) ?? 0) + 1);
      continue;
    }
    table = /^COPY (.+?)(?: \(.*\))? FROM stdin;$/.exec(line)?.[1];
    if (table !== undefined) rows.set(table, rows.get(table) ?? 0);
  }
  return rows;
}

async function differencesFrom(
  client: Client,
  wanted: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<string[]> {
  const found = await rowCounts(client, wanted.keys(), signal);
  const { rows: bad } = await client.query<{ name: string }>(
    `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid`,
  );
  return [
    ...rowDifferences(Object.fromEntries(wanted), found, ['in the file', 'in the copy']),
    ...bad.map(({ name }) => `index ${name}: not valid`),
  ];
}
