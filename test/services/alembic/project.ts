import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, type MigrateOptions } from '../../../src/adapters/alembic/migrate.js';
import type { AlembicProject } from '../../../src/adapters/alembic/project.js';
import { freshDatabase, projectPython, type TestDatabase } from '../../support/servers.js';

/** The drivers that the bridge knows; asyncpg by an async env.py, as FastAPI projects have it. */
export const drivers = ['psycopg2', 'psycopg', 'asyncpg'] as const;
export type Driver = (typeof drivers)[number];

/** A revision file: either lines of Python for its functions, or its whole text. */
export interface Revision {
  id: string;
  down?: string | readonly string[] | null;
  up?: string;
  /** null: no such function. */
  back?: string | null;
  /** Python lines at the top of the file. */
  head?: string;
  /** Python expression. */
  dependsOn?: string;
  label?: string;
}

export interface Options {
  driver?: Driver;
  /** Keyword arguments of `context.configure`, as Python. */
  configure?: string;
  /** Python at the top of env.py. */
  envHead?: string;
  /** Replaces env.py. */
  env?: string;
  environment?: Record<string, string>;
  /** Interpreter; default: the one with the newest versions. */
  python?: string;
  /** An empty database of another server than the shared one. */
  database?: TestDatabase;
}

/** An Alembic project in a folder of its own, on an empty database of its own. */
export interface TestProject {
  folder: string;
  name: string;
  url: string;
  alembic: AlembicProject;
  /** One query on a connection of its own. */
  query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** A connection that stays open until the project is removed. */
  connect: () => Promise<pg.Client>;
  write: (file: string, text: string) => void;
  add: (revision: Revision) => void;
  remove: () => Promise<void>;
}

const projects: TestProject[] = [];
afterEach(async () => {
  await Promise.all(projects.splice(0).map((project) => project.remove()));
});

/** Removed after the test. */
export async function testProject(revisions: readonly Revision[], options?: Options): Promise<TestProject> {
  const made = await makeProject(revisions, options);
  projects.push(made);
  return made;
}

/** `migrate` with what the tests do not vary. */
export const run = (
  { alembic }: TestProject,
  direction: 'upgrade' | 'downgrade',
  revisions: readonly string[],
  expectFrom: readonly string[],
  more: Partial<MigrateOptions> = {},
) =>
  migrate(alembic, {
    direction,
    revisions,
    expectFrom,
    applicationName: 'lockkeeper migrate shop run-1',
    lockTimeoutMs: 300,
    lockWaitMs: 0,
    ...more,
  });

async function makeProject(revisions: readonly Revision[], options: Options = {}): Promise<TestProject> {
  const { driver = 'psycopg2', environment = {}, python = projectPython } = options;
  const { url, name, drop } = options.database ?? (await freshDatabase());
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-alembic-'));
  const open: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    return client;
  };
  const write = (file: string, text: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const add = (revision: Revision) => write(`migrations/versions/${revision.id}_.py`, revisionFile(revision));
  write('alembic.ini', '[alembic]\nscript_location = migrations\nprepend_sys_path = .\n');
  write('migrations/env.py', options.env ?? envFile(driver, options));
  mkdirSync(join(folder, 'migrations/versions'));
  revisions.forEach(add);
  return {
    folder,
    name,
    url,
    connect,
    write,
    add,
    alembic: {
      python: [python],
      cwd: folder,
      config: 'alembic.ini',
      environment: { DATABASE_URL: url.replace('postgresql://', `postgresql+${driver}://`), ...environment },
    },
    query: async (sql) => {
      const client = new pg.Client(url);
      await client.connect();
      return (await client.query(sql).finally(() => client.end())).rows as Record<string, unknown>[];
    },
    remove: async () => {
      await Promise.all(open.map((client) => client.end()));
      await drop();
      rmSync(folder, { recursive: true });
    },
  };
}

const indented = (python: string): string => python.trim().replaceAll('\n', '\n    ');

const revisionFile = ({
  id,
  down = null,
  up = 'pass',
  back = 'pass',
  head = '',
  dependsOn,
  label,
}: Revision) =>
  `"""make ${id}"""
import sqlalchemy as sa
from alembic import op
${head}
revision = ${JSON.stringify(id)}
down_revision = ${down === null ? 'None' : Array.isArray(down) ? `(${down.map((each) => `'${each}'`).join(', ')},)` : JSON.stringify(down)}
branch_labels = ${label ? JSON.stringify(label) : 'None'}
depends_on = ${dependsOn ?? 'None'}

def upgrade():
    ${indented(up)}
${back === null ? '' : `\ndef downgrade():\n    ${indented(back)}\n`}`;

const envFile = (driver: Driver, { configure = '', envHead = '' }: Options): string =>
  `import os
from alembic import context
from sqlalchemy import create_engine, pool
${envHead}
url = os.environ["DATABASE_URL"]

def run(connection):
    context.configure(connection=connection, ${configure})
    with context.begin_transaction():
        context.run_migrations()

${driver === 'asyncpg' ? asyncRun : syncRun}
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    online()
`;

const syncRun = `
def online():
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        run(connection)
`;

const asyncRun = `
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

async def go():
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()

def online():
    asyncio.run(go())
`;
