import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { shell } from '../../src/adapters/shell.js';
import { databaseUrl } from '../../src/stack/environment.js';
import { withLock } from '../../src/adapters/lock.js';
import { venvFolder } from '../../src/stack/place.js';
import { provision } from '../../src/stack/provision.js';
import type {
  NginxState,
  PostgresState,
  SearchAttributeType,
  ServerName,
  StackState,
  TemporalState,
} from '../../src/stack/state.js';
import { tools, type Tools } from '../../src/stack/tools.js';
import { up } from '../../src/stack/up.js';
import { root, testHome } from './test-stack.js';

export interface TestServers {
  postgres: PostgresState & { url: (database: string) => string };
  temporal: TemporalState;
  nginx: NginxState;
  tools: Tools;
}

export interface TestDatabase {
  name: string;
  url: string;
  drop: () => Promise<void>;
}

const venv = venvFolder(root);

/** A Python with alembic, SQLAlchemy 2, asyncpg, psycopg2, psycopg, fastapi and uvicorn. */
export const projectPython = join(venv, 'bin', 'python');

/** Real servers, shared by all tests of this checkout; started by the first who asks, stopped after the last. */
export async function servers(
  searchAttributes: Readonly<Record<string, SearchAttributeType>> = {},
): Promise<TestServers> {
  const { postgres, temporal, nginx } = await start(['postgres', 'temporal', 'nginx'], searchAttributes);
  if (!postgres || !temporal || !nginx) throw new Error('up did not start all servers');
  const url = (database: string) => databaseUrl(postgres, database);
  return { postgres: { ...postgres, url }, temporal, nginx, tools: tools(venv) };
}

/** The Python environment with all that tests need. One that was named by hand is taken as it is. */
export async function testVenv(): Promise<string> {
  if (!process.env.LOCKKEEPER_VENV) await provision(venv, { groups: ['stack', 'shop', 'test'] });
  return venv;
}

async function start(
  names: ServerName[],
  searchAttributes: Readonly<Record<string, SearchAttributeType>> = {},
): Promise<StackState> {
  const state = await up({ home: testHome, venv: await testVenv(), servers: names, searchAttributes });
  if (state.postgres) await (careless ??= beCareless(state.postgres));
  return state;
}

let careless: Promise<void> | undefined;

/** What tests write need not outlive the machine, only the server: not waiting for the disk, they are a good deal quicker. */
async function beCareless(postgres: PostgresState): Promise<void> {
  await sql(postgres, 'alter system set fsync = off');
  await sql(postgres, 'select pg_reload_conf()');
}

/** A database of its own for one test: empty, or a copy of a template. */
export async function freshDatabase(template = 'template0'): Promise<TestDatabase> {
  const postgres = await onlyPostgres();
  const name = `t_${randomBytes(6).toString('hex')}`;
  await sql(postgres, `create database ${name} template ${template}`);
  const drop = () => sql(postgres, `drop database if exists ${name} with (force)`).then(() => undefined);
  return { name, url: databaseUrl(postgres, name), drop };
}

/**
 * A template for `freshDatabase`, filled once for all tests that name it.
 *
 * @param name - a plain SQL name
 * @param fill - is given the URL of an empty database, and leaves no connection to it open
 */
export async function templateDatabase(name: string, fill: (url: string) => Promise<void>): Promise<string> {
  const postgres = await onlyPostgres();
  return withLock(`${testHome}.${name}.lock`, async () => {
    const known = await sql(postgres, `select 1 from pg_database where datname = '${name}'`);
    if (known) return name;
    await sql(postgres, `drop database if exists ${name}_new with (force)`);
    await sql(postgres, `create database ${name}_new template template0`);
    await fill(databaseUrl(postgres, `${name}_new`));
    await sql(postgres, `alter database ${name}_new rename to ${name}`);
    return name;
  });
}

async function onlyPostgres(): Promise<PostgresState> {
  const { postgres } = await start(['postgres']);
  if (!postgres) throw new Error('up did not start PostgreSQL');
  return postgres;
}

/** @returns what psql prints, without frills */
async function sql({ host, port, user, password }: PostgresState, statement: string): Promise<string> {
  const args = ['-XAtq', '-h', host, '-p', String(port), '-U', user, '-d', 'postgres', '-c', statement];
  const command = { file: join(tools(venv).pgBin, 'psql'), args, env: { PGPASSWORD: password } };
  return (await shell(command)).stdout.trim();
}
