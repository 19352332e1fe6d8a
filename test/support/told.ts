import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withClient } from '../../src/adapters/postgres/client.js';
import type { Project, Ran } from './project.js';
import { projectPython } from './servers.js';
import { root } from './test-stack.js';

export const cliFile = join(root, 'dist', 'cli.js');

/**
 * What a command told, as an operator reads it, with what differs from run to run named in capitals. Fails when
 * there is a stack trace or a secret in it.
 */
export function told(project: Project, { out, err }: Ran): string {
  const all = out + err;
  expect(all).not.toMatch(/\n\s+at /);
  expect(all).not.toContain('nobody foresaw');
  for (const secret of [new URL(project.url).password, 's3cret']) expect(all).not.toContain(secret);
  return all
    .replaceAll(projectPython, 'PYTHON')
    .replaceAll(project.home, 'HOME')
    .replaceAll(project.target, 'TARGET')
    .replaceAll(new URL(project.url).pathname.slice(1), 'DATABASE')
    .replace(/127\.0\.0\.1:\d{4,}/g, 'HOST:PORT')
    .replace(/port \d{4,}/g, 'port PORT')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g, 'RUN')
    .replace(/\d\d:\d\d:\d\d UTC/g, 'CLOCK')
    .replace(/\b(plan|sha256|now) [0-9a-f]{12}\b/g, '$1 HASH')
    .replace(/\d[\d.]* (KiB|MiB|GiB)/g, 'SIZE')
    .replace(/ +\d[\d.]* m?s\b/g, ' TIME')
    .trim();
}

/** The database as far as a deploy may change it: revision, columns, rows. */
export const sight = (url: string): Promise<string> =>
  withClient(url, { applicationName: 'test' }, async (client) => {
    const { rows } = await client.query<{ seen: string }>(
      `select concat_ws(' ', (select string_agg(version_num, ',') from alembic_version),
         (select string_agg(table_name || '.' || column_name, ',' order by table_name, ordinal_position)
          from information_schema.columns where table_schema = 'public'),
         (select count(*) from orders)) as seen`,
    );
    return rows[0]!.seen;
  });

export const sql = (url: string, statement: string): Promise<void> =>
  withClient(url, { applicationName: 'test' }, async (client) => void (await client.query(statement)));

export interface Started {
  child: ChildProcess;
  said: { out: string; err: string };
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>;
}

/** Starts the CLI and lets it go on. */
export function start(project: Project, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [cliFile, ...args], {
    cwd: project.home,
    env: { ...process.env, ...project.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
  return { child, said, ended: once(child, 'close').then(([code]) => code as number | null) };
}
