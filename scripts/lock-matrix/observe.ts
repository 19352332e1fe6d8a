import type pg from 'pg';
import { lockModes, type LockMode } from '../../src/domain/plan.js';

/** A relation of the database's users, as it was before the statement. */
export interface Known {
  oid: number;
  /** Without its schema when that is `public`. */
  name: string;
  kind: 'table' | 'index' | 'sequence' | 'view';
  relfilenode: number;
}

const kinds: Record<string, Known['kind']> = {
  r: 'table',
  p: 'table',
  f: 'table',
  c: 'table',
  i: 'index',
  I: 'index',
  S: 'sequence',
  v: 'view',
  m: 'table',
};

const RELATIONS = `
  select c.oid::int, case n.nspname when 'public' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.relname) as name,
    c.relkind as kind, c.relfilenode::int
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

export async function relationsOf(client: pg.Client): Promise<Map<number, Known>> {
  const { rows } = await client.query<Known & { kind: string }>(RELATIONS);
  return new Map(rows.map((row) => [row.oid, { ...row, kind: kinds[row.kind] ?? 'table' }]));
}

export interface Lock {
  oid: number;
  mode: string;
  granted: boolean;
}

/** @param pid - whose; default: this session's */
export async function locksOf(client: pg.Client, pid?: number): Promise<Lock[]> {
  const { rows } = await client.query<Lock>(
    `select relation::int as oid, mode, granted from pg_locks
     where locktype = 'relation' and pid = coalesce($1, pg_backend_pid())
     and database = (select oid from pg_database where datname = current_database())`,
    [pid ?? null],
  );
  return rows;
}

/** Oids of heaps with other files than before that hold rows: an emptied table was not rewritten. */
export async function rewrittenIn(
  client: pg.Client,
  before: ReadonlyMap<number, Known>,
): Promise<Set<number>> {
  const { rows } = await client.query<{ oid: number; relfilenode: number }>(
    `select oid::int, relfilenode::int from pg_class where relkind in ('r', 'm') and pg_relation_size(oid) > 0`,
  );
  return new Set(
    rows
      .filter(({ oid, relfilenode }) => (before.get(oid)?.relfilenode ?? relfilenode) !== relfilenode)
      .map(({ oid }) => oid),
  );
}

/**
 * How often rows of each table were read, by its oid. The server keeps counting over transactions until it finds the
 * time to report: only the difference of two answers tells what a statement has read.
 */
export async function readsIn(client: pg.Client): Promise<Map<number, number>> {
  const { rows } = await client.query<{ relid: number; reads: number }>(
    `select relid::int, (seq_tup_read + coalesce(idx_scan, 0))::int as reads from pg_stat_xact_user_tables`,
  );
  return new Map(rows.map(({ relid, reads }) => [relid, reads]));
}

/** How many indexes were built on each table, told from the server's debug messages; emptied tables have none. */
export async function buildsIn(client: pg.Client, notices: readonly string[]): Promise<Map<string, number>> {
  const builds = new Map<string, number>();
  for (const notice of notices) {
    const table = /^building index ".*" on table "(.*?)"/.exec(notice)?.[1];
    if (table) builds.set(table, (builds.get(table) ?? 0) + 1);
  }
  if (builds.size === 0) return builds;
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class where relname = any($1) and relkind in ('r', 'm') and pg_relation_size(oid) > 0`,
    [[...builds.keys()]],
  );
  const filled = new Set(rows.map(({ relname }) => relname));
  return new Map([...builds].filter(([table]) => filled.has(table)));
}

/** The strongest lock on each relation that was there before. */
export function strongest(
  before: ReadonlyMap<number, Known>,
  locks: readonly Lock[],
): (Pick<Known, 'oid' | 'name' | 'kind'> & { lock: LockMode })[] {
  const modes = new Map<number, number>();
  for (const { oid, mode } of locks) {
    const rank = lockModes.indexOf(modeOf(mode));
    modes.set(oid, Math.max(rank, modes.get(oid) ?? 0));
  }
  return [...modes].flatMap(([oid, rank]) => {
    const known = before.get(oid);
    return known
      ? [{ oid, name: known.name, kind: known.kind, lock: lockModes[rank] ?? 'ACCESS SHARE' }]
      : [];
  });
}

/** `AccessExclusiveLock` → `ACCESS EXCLUSIVE`. */
const modeOf = (mode: string): LockMode =>
  mode
    .replace(/Lock$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase() as LockMode;
