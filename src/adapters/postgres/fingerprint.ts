import { createHash } from 'node:crypto';
import { patternOf } from '../../domain/pattern.js';
import type { VersionTable } from '../../domain/plan.js';
import { schemaLocked } from '../../domain/problems/database.js';
import type { Client } from './client.js';
import { codeOf } from './failures.js';
import { objectQueries } from './fingerprint-objects.js';
import { relationQueries, relations } from './fingerprint-relations.js';
import { usualVersionTable } from './revisions.js';

/** The schema of a database: two with the same hash have the same one. */
export interface Fingerprint {
  /** SHA-256 of the lines, hexadecimal. */
  hash: string;
  /** One for each object, sorted, none with a line break in it. */
  lines: string[];
}

export interface FingerprintOptions {
  /** Left out: every migration changes its contents, and Alembic makes it. */
  versionTable?: VersionTable;
  /** How long to wait for whoever keeps a table or view for itself. Default: 5 s. */
  lockTimeoutMs?: number;
  /** Tables that come and go by themselves, such as tomorrow's partitions: `sales.orders_*`, `orders_p20??`. */
  ignore?: readonly string[];
}

/** To write a view's definition PostgreSQL locks what it reads, and behind a waiting lock the site waits. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Takes the schema's fingerprint: tables, columns, constraints, indexes, sequences, views, functions,
 * triggers, policies, types, extensions, owners, grants and comments, and the names of rarer objects. Not in
 * it: rows, values of sequences, order of columns, tablespaces, roles, settings of the database, the Alembic
 * version table, and schemas whose names begin with `lockkeeper`.
 *
 * @throws Problem `schema-locked` (retried)
 */
export async function fingerprint(client: Client, options: FingerprintOptions = {}): Promise<Fingerprint> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return await fingerprintHere(client, options);
    } catch (error) {
      // Definitions are looked up outside the snapshot: an object was dropped between the two.
      if (tries === 3 || codeOf(error) !== 'XX000') throw error;
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
    }
  }
}

/**
 * The same within the caller's transaction, whose settings it changes.
 *
 * @throws Problem `schema-locked` (retried)
 */
export async function fingerprintHere(
  client: Client,
  options: FingerprintOptions = {},
): Promise<Fingerprint> {
  const { lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  try {
    const lines = await readSchema(client, options, lockTimeoutMs);
    const hash = createHash('sha256').update(JSON.stringify(lines)).digest('hex');
    return { hash, lines: lines.map(inOneLine) };
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    throw schemaLocked(lockTimeoutMs, (error as Error).message);
  }
}

/**
 * Fixes for the rest of the transaction how PostgreSQL writes names and values, whatever database and role say:
 * with an empty path all names are written in full, constants by these settings.
 */
export const pinWriting = (client: Client): Promise<unknown> =>
  client.query(`SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, MDY';
    SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
    SET LOCAL xmlbinary = 'base64'; SET LOCAL quote_all_identifiers = off; SET LOCAL jit = off`);

async function readSchema(
  client: Client,
  options: FingerprintOptions,
  lockTimeoutMs: number,
): Promise<string[]> {
  await pinWriting(client);
  await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
  const left = await leftOut(client, options);
  const lines: string[] = [];
  for (const query of relationQueries) lines.push(...(await linesOf(client, query, [left])));
  for (const query of objectQueries) lines.push(...(await linesOf(client, query, [])));
  return lines.sort();
}

export async function linesOf(client: Client, query: string, values: readonly unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(query, [...values]);
  return rows.map(({ line }) => line);
}

/** @returns oids of the relations that do not count */
async function leftOut(client: Client, options: FingerprintOptions): Promise<number[]> {
  const { versionTable = usualVersionTable, ignore = [] } = options;
  const version = versionTable.schema ? `${versionTable.schema}.${versionTable.name}` : versionTable.name;
  const patterns = ignore.map(patternOf);
  const { rows } = await client.query<{ oid: number; name: string; short: string }>(relations);
  return rows
    .filter(
      ({ name, short }) =>
        name === version || short === version || patterns.some((p) => p.test(name) || p.test(short)),
    )
    .map(({ oid }) => oid);
}

export const inOneLine = (text: string): string => text.replaceAll('\r', '␍').replaceAll('\n', '⏎');

/** What one schema has that the other has not, as lines. A changed object is in both lists. */
export function fingerprintDifference(
  before: Pick<Fingerprint, 'lines'>,
  after: Pick<Fingerprint, 'lines'>,
): { missing: string[]; added: string[] } {
  const had = new Set(before.lines);
  const has = new Set(after.lines);
  return {
    missing: before.lines.filter((line) => !has.has(line)),
    added: after.lines.filter((line) => !had.has(line)),
  };
}
