import { Problem } from '../../domain/problem.js';
import { databaseGone } from '../../domain/problems/restore.js';
import { type Client, type ClientOptions, withClient } from './client.js';
import { connectionOf } from './connection.js';

/**
 * Whose a database is that Lockkeeper has made or put aside, and how far it is: written on it as its comment,
 * so that whoever looks at the server, or comes after a crash, can tell.
 */
export interface Marker {
  /** Name of the database that it belongs to. */
  of: string;
  /** Oid of the database that has, or had, that name. */
  oid: number;
  /** Names the run. */
  run: string;
  /**
   * `incomplete`: being restored. `complete`: compared with its backup. `used`: a rehearsal's. `kept`: the
   * database as it was before a restore. `point`: a restored copy for people to look into. `swapping`: about to take the name; `of` may be closed.
   */
  state: 'incomplete' | 'complete' | 'used' | 'kept' | 'swapping' | 'point';
  /** The state before `swapping`. */
  before?: 'complete' | 'kept';
  /** Of the archive that it was restored from. */
  sha256?: string;
  /** How long restoring took. */
  ms?: number;
  /** When it was put aside (`kept`) or made (`point`): ISO 8601, UTC. */
  at?: string;
}

export interface Database {
  name: string;
  oid: number;
  /** Whether it accepts connections. */
  open: boolean;
  /** Who makes it what it is: undefined for databases of others. */
  marker: Marker | undefined;
  comment: string | null;
}

/** On the server's disk, in bytes. */
export async function sizeOf(client: Client, { oid }: Pick<Database, 'oid'>): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    'SELECT pg_database_size($1::oid)::float8 AS bytes',
    [oid],
  );
  return rows[0]?.bytes ?? 0;
}

/** The same server, role and settings, with another database. */
export function withDatabase(url: string, database: string): string {
  const [, start = '', rest = ''] = /^([^:]*:\/\/[^/?]*)(?:\/[^?]*)?(.*)$/s.exec(url.trim()) ?? [];
  // `dbname` would win over the path.
  const kept = rest
    .replace(/^\?/, '')
    .split('&')
    .filter((each) => each && !each.startsWith('dbname='));
  return `${start}/${encodeURIComponent(database)}${kept.length ? `?${kept.join('&')}` : ''}`;
}

/** Any of these will do: what is done to a database as a whole is done from another one. */
const DOORS = ['postgres', 'template1'];
const shut = new Set(['no-such-database', 'login-refused', 'database-closed']);

/**
 * Connects to the server of a database, but not to the database itself.
 *
 * @throws those of `withClient`
 */
export async function onServer<T>(
  url: string,
  options: ClientOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const doors = DOORS.filter((door) => door !== connectionOf(url).database);
  for (const door of doors) {
    let inside = false;
    try {
      return await withClient(withDatabase(url, door), options, (client) => {
        inside = true;
        return work(client);
      });
    } catch (error) {
      const other = error instanceof Problem && shut.has(error.code) && door !== doors.at(-1);
      if (inside || !other) throw error;
    }
  }
  throw new Error('there is no database to connect to');
}

/** All databases of the server. */
export async function databases(client: Client): Promise<Database[]> {
  const { rows } = await client.query<Omit<Database, 'marker'>>(
    `SELECT datname AS name, oid::int8::float8 AS oid, datallowconn AS open,
       shobj_description(oid, 'pg_database') AS comment
     FROM pg_database ORDER BY oid`,
  );
  return rows.map((row) => ({ ...row, marker: markerOf(row.comment) }));
}

/** @throws Problem `database-gone` */
export async function databaseNamed(client: Client, name: string): Promise<Database> {
  const found = (await databases(client)).find((each) => each.name === name);
  if (!found) throw databaseGone(name);
  return found;
}

const sentences: Readonly<Record<Marker['state'], string>> = {
  incomplete: 'a copy that is being made; may be dropped when no run is at work',
  complete: 'a restored copy; may be dropped when no run is at work',
  used: 'the copy of a rehearsal; may be dropped when no run is at work',
  kept: 'the database as it was before a restore; drop it when nobody needs it',
  point: 'a restored copy to look into; drop it when nobody needs it',
  swapping: 'a restored copy that is about to take the name of its database',
};

/** Writes the marker. The words in front are for people, the JSON is for us. */
export async function mark(client: Client, database: string, marker: Marker): Promise<void> {
  await comment(client, database, `Lockkeeper: ${sentences[marker.state]} ${JSON.stringify(marker)}`);
}

export async function comment(client: Client, database: string, words: string | null): Promise<void> {
  const text = words === null ? 'NULL' : client.escapeLiteral(words);
  await client.query(`COMMENT ON DATABASE ${client.escapeIdentifier(database)} IS ${text}`);
}

function markerOf(words: string | null): Marker | undefined {
  const json = /^Lockkeeper: [^{]*(\{.*\})$/s.exec(words ?? '')?.[1];
  try {
    return json ? (JSON.parse(json) as Marker) : undefined;
  } catch {
    return undefined;
  }
}

/** Drops a database, whoever uses it. The caller knows that it is a copy. */
export async function dropDatabase(client: Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
}
