import type { Client } from './client.js';
import { grants, maybe } from './fingerprint-sql.js';
import { inOneLine } from './fingerprint.js';

const PREFIX = 'database: ';

/** Columns of pg_database that say which database it is, or how it stands, and not what it is. */
const OTHER = [
  ...['oid', 'datname', 'datdba', 'dattablespace', 'datacl', 'datallowconn', 'datcollversion'],
  ...['datfrozenxid', 'datminmxid', 'datlastsysoid', 'dathasloginevt'],
];

const query = `
  SELECT '${PREFIX}' || line AS line FROM (
    SELECT 'owner ' || pg_get_userbyid(d.datdba) || ${grants('d.datacl', 'd', 'd.datdba')} AS line
      FROM pg_database d WHERE d.datname = $1
    UNION ALL SELECT 'tablespace ' || t.spcname
      FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1
    UNION ALL SELECT e.key || ${maybe('is', 'e.value')} FROM pg_database d,
      jsonb_each_text(to_jsonb(d) - $2::text[]) e WHERE d.datname = $1
    UNION ALL SELECT format('setting%s %s', CASE s.setrole WHEN 0 THEN '' ELSE ' of ' || pg_get_userbyid(s.setrole) END, c)
      FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
      WHERE d.datname = $1) x ORDER BY 1`;

/**
 * What hangs on a database itself and is in no dump of it: owner, privileges, encoding, collation, limit of
 * connections, settings, those of roles in it. A line each. Its comment is left out: that of a copy says whose it is.
 */
export async function databaseLines(client: Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(query, [name, OTHER]);
  return rows.map(({ line }) => inOneLine(line));
}

export const isDatabaseLine = (line: string): boolean => line.startsWith(PREFIX);

/** Version 15 brought both the column and the function. */
const collationQuery = `
  SELECT d.datcollversion AS recorded, pg_database_collation_actual_version(d.oid) AS actual
  FROM pg_database d WHERE d.datname = $1`;

/**
 * Whether a database was made with another version of its collation than the operating system has now: then its
 * indexes on texts may be out of order, and those of a copy, which are built anew, are not.
 *
 * @returns in words; undefined: it was not
 */
export async function collationChange(client: Client, name: string): Promise<string | undefined> {
  const known = await client.query(
    `SELECT FROM pg_attribute WHERE attrelid = 'pg_database'::regclass AND attname = 'datcollversion'`,
  );
  if (!known.rowCount) return undefined;
  const { rows } = await client.query<{ recorded: string | null; actual: string | null }>(collationQuery, [
    name,
  ]);
  const [{ recorded = null, actual = null } = {}] = rows;
  if (recorded === actual) return undefined;
  return (
    `${name} was made with version ${recorded ?? 'none'} of its collation, and the server has ${actual ?? 'none'}: ` +
    'its indexes on texts may be out of order (REINDEX, then ALTER DATABASE … REFRESH COLLATION VERSION)'
  );
}
