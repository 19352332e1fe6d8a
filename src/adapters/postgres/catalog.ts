import { identifier, inCatalog } from '../../domain/sql-name.js';
import { schemaLocked } from '../../domain/problems/database.js';
import type { Schema, UserFunction } from '../../schema/model.js';
import { addParts } from './catalog-parts.js';
import { relationsOf } from './catalog-relations.js';
import type { CatalogRows, FunctionRow } from './catalog-rows.js';
import * as sql from './catalog-sql.js';
import { keyOf, TypeNames, userTypes } from './catalog-types.js';
import type { Client } from './client.js';
import { codeOf } from './failures.js';

export interface CatalogOptions {
  /** Names of functions that are called, without their schema: of these it is told what PostgreSQL's own are like. */
  functions?: readonly string[];
  /** How long to wait for whoever keeps a table for itself. Default: 5 s. */
  lockTimeoutMs?: number;
}

const LOCK_TIMEOUT_MS = 5_000;

/**
 * Reads the schema of the database, of one moment, without changing anything: tables with columns, constraints,
 * indexes, sizes in bytes and rows, types, functions, views and what they read. The search path and the time zone
 * are those of the session as role, database and URL set them.
 *
 * @throws Problem `schema-locked` (retried)
 */
export async function readCatalog(client: Client, options: CatalogOptions = {}): Promise<Schema> {
  const { functions = [], lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  try {
    const session = await begin(client, lockTimeoutMs);
    const rows = await readRows(client, session.major, functions);
    return schemaOf(session, rows);
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    throw schemaLocked(lockTimeoutMs, (error as Error).message);
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

interface Session {
  major: number;
  path: string;
  role: string;
  timeZone: string;
  places: string[];
}

async function begin(client: Client, lockTimeoutMs: number): Promise<Session> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { rows } = await client.query<Session>(`
    SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('search_path') AS path,
      current_user AS role, current_setting('TimeZone') AS "timeZone",
      (SELECT array_agg(nspname::text) FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)') AS places`);
  await client.query(`SET LOCAL search_path = ''; SET LOCAL jit = off; SET LOCAL quote_all_identifiers = off;
    SET LOCAL timezone = 'UTC'; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
  const [session] = rows;
  if (!session) throw new Error('the server did not tell what session this is');
  return session;
}

/** All queries travel in one message. */
async function readRows(client: Client, major: number, called: readonly string[]): Promise<CatalogRows> {
  const names = [...new Set(called)].map((name) => `'${name.replaceAll("'", "''")}'`);
  const queries: Record<keyof CatalogRows, string> = {
    relations: sql.relations(major),
    parents: sql.parents,
    types: sql.types,
    columns: sql.columns(major),
    constraints: sql.constraints(major),
    indexes: sql.indexes,
    sequences: sql.sequences,
    reads: sql.reads,
    triggers: sql.triggers(major),
    policies: sql.policies,
    rules: sql.rules,
    publications: sql.publications(major),
    functions: [sql.functions, ...(names.length ? [sql.calledFunctions(names.join())] : [])].join(
      ' UNION ALL ',
    ),
  };
  const results = (await client.query(Object.values(queries).join(';\n'))) as unknown as {
    rows: unknown[];
  }[];
  const keys = Object.keys(queries);
  return Object.fromEntries(keys.map((key, at) => [key, results[at]?.rows ?? []])) as unknown as CatalogRows;
}

function schemaOf(session: Session, rows: CatalogRows): Schema {
  const names = new TypeNames(rows.types);
  const known = relationsOf(rows, names);
  addParts(rows, known, names);
  return {
    source: 'catalog',
    postgres: session.major,
    searchPath: pathOf(session),
    schemas: new Set(session.places.map(identifier)),
    relations: new Map([...known.values()].map(({ relation }) => [relation.key, relation])),
    types: userTypes(rows.types, names),
    functions: functionsOf(rows.functions, names),
    publishesAll: rows.publications.flatMap(({ name, whole }) => (whole ? [identifier(name)] : [])),
    timeZone: session.timeZone,
  };
}

/** Schemas as the setting names them, those that do not exist (yet) too; `$user` is the role. */
function pathOf({ path, role }: Session): string[] {
  const written = path.match(/"(?:[^"]|"")*"|[^,\s]+/g) ?? [];
  const names = written.map(inCatalog);
  return names.filter(Boolean).map((name) => identifier(name === '$user' ? role : name));
}

const volatilities: Record<string, UserFunction['volatility']> = { i: 'immutable', s: 'stable' };

function functionsOf(rows: readonly FunctionRow[], types: TypeNames): Map<string, UserFunction> {
  const functions = new Map<string, UserFunction>();
  for (const { place, name, volatility, language, body, arguments: oids } of rows) {
    const args = oids
      .split(' ')
      .filter(Boolean)
      .map((oid) => types.of(Number(oid), -1));
    const shown = args.map((type) => `${type.name}${type.isArray ? '[]' : ''}`);
    const key = `${keyOf(place, name)}(${shown.join()})`;
    if (functions.has(key)) continue;
    functions.set(key, {
      ...{ key, language, volatility: volatilities[volatility] ?? 'volatile' },
      ...(body === null ? {} : { body }),
    });
  }
  return functions;
}
