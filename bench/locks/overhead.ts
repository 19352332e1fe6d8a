import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { withDatabase } from '../../src/adapters/postgres/databases.js';
import { ENV_PY } from '../../test/support/alembic-files.js';
import { installed, projects } from '../real/projects.js';
import { seeded } from './clock.js';
import { ours } from './strategies.js';

/** As projects with an async engine have it, a transaction for each revision. */
const ASYNC_ENV_PY = `import asyncio
import os

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


def run(connection):
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def online():
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(online())
`;

export interface Overhead {
  plainMs: number[];
  oursMs: number[];
  /** Whether both left the same schema, by pg_dump -s, each time. */
  same: boolean;
}

/**
 * All revisions of a real project on an idle database, by `alembic upgrade heads` and by ours, alternately.
 *
 * @param adminUrl - of a server's database `postgres`
 */
export async function overhead(
  name: keyof typeof projects,
  { adminUrl, pgBin, rounds }: { adminUrl: string; pgBin: string; rounds: number },
): Promise<Overhead> {
  const project = projects[name];
  const { python, site } = installed(name, project);
  const folder = mkdtempSync(join(tmpdir(), `lk-bench-${name}-`));
  const url = withDatabase(adminUrl, name);
  const fresh = () =>
    sql(adminUrl, `DROP DATABASE IF EXISTS ${name}`, `CREATE DATABASE ${name} TEMPLATE ${name}_at_first`);
  const env = { ...process.env, DATABASE_URL: url };
  const runPython = (...args: string[]) =>
    execFileSync(python, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 2 ** 26 });
  try {
    mkdirSync(join(folder, 'migrations'));
    writeFileSync(join(folder, 'migrations', 'env.py'), name === 'prefect' ? ASYNC_ENV_PY : ENV_PY);
    writeFileSync(join(folder, 'alembic.ini'), project.ini(site, url));
    const first = withDatabase(adminUrl, `${name}_at_first`);
    await sql(adminUrl, `CREATE DATABASE ${name}_at_first TEMPLATE template0`);
    runPython('-c', project.first(first));
    await fresh();
    const migrate = await ours.prepare({ python, folder, url });
    const all: Overhead = { plainMs: [], oursMs: [], same: true };
    for (let round = 0; round < rounds; round += 1) {
      await fresh();
      all.plainMs.push(await timed(async () => void runPython('-m', 'alembic', 'upgrade', 'heads')));
      const plain = dumped(pgBin, url);
      await fresh();
      const around = { random: seeded(round), signal: new AbortController().signal };
      all.oursMs.push(await timed(async () => void (await migrate(around))));
      all.same &&= dumped(pgBin, url) === plain;
    }
    return all;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The schema as text, without the token that pg_dump makes anew each time. */
const dumped = (pgBin: string, url: string): string =>
  execFileSync(join(pgBin, 'pg_dump'), ['-s', '-d', url], { maxBuffer: 2 ** 26 })
    .toString()
    .replace(/^\\(un)?restrict .*$/gm, '');

async function timed(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

async function sql(url: string, ...all: readonly string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  for (const each of all) await client.query(each);
  await client.end();
}
