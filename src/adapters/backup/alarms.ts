import type { BackupContents, BackupManifest } from '../../domain/backup.js';
import { few } from '../../domain/units.js';
import type { Client } from '../postgres/client.js';

type Rows = BackupContents['tables'];

/** Fewer are often all there were, and a table that is emptied by its application is no news. */
const MANY = 100;
const MOST = 10;

/**
 * What a person should look at although the backup is whole. That a table is empty which was not, nobody notices
 * before its rows are missed: TRUNCATE is no fault to PostgreSQL.
 *
 * @param rows - of the backup
 * @param before - of the last backup, where there is one
 * @param estimated - what the server's statistics say
 */
export function emptyTables(rows: Rows, before: Rows | undefined, estimated: Rows): string[] {
  const found = Object.keys(rows)
    .filter((name) => rows[name] === 0)
    .sort()
    .flatMap((name) => {
      const [last, guess] = [before?.[name] ?? 0, estimated[name] ?? 0];
      if (last >= MANY) return [`${name} has no rows, and the last backup has ${last} of it`];
      return guess >= MANY
        ? [`${name} has no rows, and the server's statistics say ${Math.round(guess)}`]
        : [];
    });
  return [...few(found, MOST)];
}

/** @returns rows of each table as ANALYZE or VACUUM has last seen them; 0 where they never looked */
export async function estimatedRows(client: Client): Promise<Rows> {
  const { rows } = await client.query<{ name: string; n: number }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name, greatest(c.reltuples, 0)::float8 AS n
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`);
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

interface Unseen {
  mappings: string[];
  subscriptions: number;
  gone: string[];
  other: string[];
}

// pg_dump leaves options of mappings and subscriptions out for a role that may not see them, and says nothing.
const unseenQuery = `
  SELECT
    ARRAY(SELECT DISTINCT srvname::text FROM pg_user_mappings m, pg_roles r
      WHERE r.rolname = current_user AND NOT r.rolsuper AND m.umuser <> r.oid
        AND NOT (m.umuser = 0 AND pg_has_role((SELECT srvowner FROM pg_foreign_server s WHERE s.oid = m.srvid), 'USAGE'))
      ORDER BY 1) AS mappings,
    (SELECT count(subname)::int FROM pg_subscription JOIN pg_database d ON d.oid = subdbid
      WHERE d.datname = current_database()
        AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)) AS subscriptions,
    ARRAY(SELECT e.extname::text FROM pg_extension e
      WHERE NOT EXISTS (SELECT FROM pg_available_extensions a WHERE a.name = e.extname) ORDER BY 1) AS gone,
    ARRAY(SELECT format('%s is %s and would be %s', e.extname, e.extversion, a.default_version)
      FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
      WHERE a.default_version <> e.extversion ORDER BY 1) AS other`;

/** What this role does not see, or this server could not restore, in words. */
export async function unseen(client: Client): Promise<string[]> {
  const { rows } = await client.query<Unseen>(unseenQuery);
  const found = rows[0];
  if (!found) return [];
  const { mappings, subscriptions, gone, other } = found;
  const listed = (names: readonly string[]): string => few(names, MOST).join(', ');
  return [
    ...(mappings.length
      ? [`the options of user mappings of ${listed(mappings)} are not in it: the role may not read them`]
      : []),
    ...(subscriptions ? ['subscriptions are not in it: only a superuser may read them'] : []),
    ...(gone.length
      ? [`this server has no files of extension ${listed(gone)}: it could not be restored here`]
      : []),
    ...(other.length ? [`extension ${listed(other)} when restored here`] : []),
  ];
}

/** All alarms of a backup. */
export async function alarmsOf(
  client: Client,
  contents: BackupContents,
  last: BackupManifest | undefined,
): Promise<string[]> {
  const estimated = await estimatedRows(client);
  return [...emptyTables(contents.tables, last?.contents.tables, estimated), ...(await unseen(client))];
}
