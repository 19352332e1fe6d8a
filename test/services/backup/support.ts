import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp, type BackUpOptions } from '../../../src/adapters/backup/back-up.js';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { connectionOf, libpqEnvironment } from '../../../src/adapters/postgres/connection.js';
import { shell } from '../../../src/adapters/shell.js';
import { tools } from '../../../src/stack/tools.js';
import { testVenv } from '../../support/servers.js';

/** As the worker names its sessions. */
/** Other test files do the same on the same server. */
export const applicationName = `lockkeeper:shop:backup:${process.pid}`;

export const inside = <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> =>
  withClient(url, { applicationName: 'test' }, work);

export const run = (url: string, sql: string) => inside(url, (client) => client.query(sql));

export async function oneValue(url: string, sql: string): Promise<unknown> {
  const { rows } = await inside(url, (client) => client.query<unknown[]>({ text: sql, rowMode: 'array' }));
  return rows[0]?.[0];
}

const made: string[] = [];
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-backup-'));
  made.push(folder);
  return folder;
}
export const removeFolders = () =>
  Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));

/** Takes a backup as the worker does, into a folder of its own unless one is given. */
export async function take(url: string, options: Partial<BackUpOptions> = {}) {
  return backUp(
    { url },
    {
      folder: options.folder ?? (await newFolder()),
      name: 'run-1',
      attempt: 1,
      pgBin: await binFolder(),
      applicationName,
      signal: new AbortController().signal,
      onProgress: () => {},
      ...options,
    },
  );
}

export const binFolder = async (): Promise<string> => tools(await testVenv()).pgBin;

/**
 * A folder with pg_dump, pg_restore and pg_dumpall that do something of their own first or after: `$real` is the true tool.
 */
export async function wrapped(scripts: {
  pg_dump?: string;
  pg_restore?: string;
  pg_dumpall?: string;
  /** Where the true tools are. */
  from?: string;
}): Promise<string> {
  const folder = join(await newFolder(), 'bin');
  await mkdir(folder);
  for (const tool of ['pg_dump', 'pg_restore', 'pg_dumpall'] as const) {
    const real = join(scripts.from ?? (await binFolder()), tool);
    const body = scripts[tool] ?? 'exec "$real" "$@"';
    // Questions about the tool itself are always answered by the true one.
    const script = `#!/bin/bash\nreal=${real}\n${body}\n`;
    await writeFile(join(folder, tool), script);
    await chmod(join(folder, tool), 0o755);
  }
  return folder;
}

/** Only where the real dump runs, not where the tool is asked what it can do. */
export const whenDumping = (script: string): string =>
  `case "$*" in *--snapshot=*) ${script};; *) exec "$real" "$@";; esac`;

export async function restore(archive: string, url: string): Promise<void> {
  await shell({
    file: join(await binFolder(), 'pg_restore'),
    args: ['--exit-on-error', '--dbname=dbname=' + connectionOf(url).database, archive],
    env: libpqEnvironment(connectionOf(url), 'test restore'),
  });
}

/** @returns how many sessions of a backup there are */
export const sessionsLeft = async (url: string): Promise<number> =>
  Number(
    await oneValue(
      url,
      `SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, '${applicationName}')`,
    ),
  );

export const filesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort();

/** Asks until the answer is true. */
export async function until(ask: () => Promise<boolean>, ms = 15_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
