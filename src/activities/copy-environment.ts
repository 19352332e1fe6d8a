import { connectionOf } from '../adapters/postgres/connection.js';
import { withDatabase } from '../adapters/postgres/databases.js';

type Environment = Readonly<Record<string, string>>;

/**
 * The environment for an env.py that is to find a copy where it would find the live database: every URL of the
 * live database becomes one of the copy, whatever the driver in it (`postgresql+asyncpg://`) and whoever the
 * user; so does the live database's name in a variable that is called like one (`PGDATABASE`, `DB_NAME`). That
 * it went where it should is not trusted to this: the bridge compares on every connection.
 *
 * @param environment - the worker's own variables among them: they are inherited
 * @returns what must be set differently; empty when nothing mentions the live database
 */
export function copyEnvironment(environment: Environment, liveUrl: string, copy: string): Environment {
  const live = placeOf(liveUrl);
  const database = connectionOf(liveUrl).database;
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (placeOf(value) === live) changed[name] = withDatabase(value, copy);
    else if (value === database && isDatabaseName(name)) changed[name] = copy;
  }
  return changed;
}

const isDatabaseName = (variable: string): boolean =>
  /^PGDATABASE$|(^|_)(DB|DATABASE|DBNAME)(_NAME)?$/i.test(variable);

/** Which database a URL means: host, port and name; undefined when it is none of PostgreSQL. */
function placeOf(text: string): string | undefined {
  if (!/^\s*postgres/.test(text)) return undefined;
  try {
    const { host, port, database } = connectionOf(text);
    return JSON.stringify([
      loopback.has(host.toLowerCase()) ? 'localhost' : host.toLowerCase(),
      port,
      database,
    ]);
  } catch {
    return undefined;
  }
}

const loopback = new Set(['localhost', '127.0.0.1', '::1']);
