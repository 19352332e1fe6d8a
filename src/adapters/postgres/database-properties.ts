import { mayNotCopyProperties } from '../../domain/problems/restore.js';
import type { Client } from './client.js';
import { codeOf } from './failures.js';

/**
 * Copies what hangs on a database itself and is in no dump of it: its privileges, its settings, those of roles
 * in it, and the limit of its connections. All of it or nothing. Owner, encoding and collation are given when
 * it is created; its comment, when it takes the name.
 *
 * @throws Problem `may-not-copy-properties`
 */
export async function copyProperties(client: Client, source: string, copy: string): Promise<void> {
  const statements = await propertyStatements(client, source, copy);
  await client.query(['BEGIN', ...statements, 'COMMIT'].join(';\n')).catch(async (error: unknown) => {
    await client.query('ROLLBACK').catch(() => undefined);
    throw codeOf(error) === '42501' ? mayNotCopyProperties(source, (error as Error).message) : error;
  });
}

/** The same as SQL, for another server that has the same roles. */
export const propertyStatements = async (client: Client, source: string, copy: string): Promise<string[]> => [
  ...(await privileges(client, source, copy)),
  ...(await settings(client, source, copy)),
  await connectionLimit(client, source, copy),
];

/** NULL is PostgreSQL's default, which a new database has anyway. Who granted is not kept: the owner does. */
async function privileges(client: Client, source: string, copy: string): Promise<string[]> {
  const { rows } = await client.query<{ owner: string; grantee: string; privilege: string; may: boolean }>(
    `SELECT quote_ident(pg_get_userbyid(d.datdba)) AS owner, a.privilege_type AS privilege, a.is_grantable AS may,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
     FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a WHERE d.datname = $1`,
    [source],
  );
  const [first] = rows;
  if (!first) return [];
  const on = `ON DATABASE ${client.escapeIdentifier(copy)}`;
  return [
    `REVOKE ALL ${on} FROM PUBLIC, ${first.owner}`,
    ...rows.map(
      ({ grantee, privilege, may }) =>
        `GRANT ${privilege} ${on} TO ${grantee}${may ? ' WITH GRANT OPTION' : ''}`,
    ),
  ];
}

async function settings(client: Client, source: string, copy: string): Promise<string[]> {
  const { rows } = await client.query<{ role: string | null; setting: string }>(
    `SELECT CASE s.setrole WHEN 0 THEN NULL ELSE quote_ident(pg_get_userbyid(s.setrole)) END AS role,
       unnest(s.setconfig) AS setting
     FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = $1`,
    [source],
  );
  const database = `DATABASE ${client.escapeIdentifier(copy)}`;
  return rows.map(({ role, setting }) => {
    const whose = role === null ? `ALTER ${database}` : `ALTER ROLE ${role} IN ${database}`;
    return `${whose} SET ${assignment(client, setting)}`;
  });
}

/** Stored as lists of identifiers that are quoted already: quoting the whole would make one name of it. */
const LISTS = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** A stored setting, `name=value`, as ALTER … SET takes it. */
export function assignment(client: Client, setting: string): string {
  const at = setting.indexOf('=');
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  const parts = LISTS.has(name.toLowerCase()) ? listed(value) : [value];
  const quoted = name
    .split('.')
    .map((part) => client.escapeIdentifier(part))
    .join('.');
  return `${quoted} TO ${parts.map((part) => client.escapeLiteral(part)).join(', ') || "''"}`;
}

/** `"$user", public` as its names. */
export const listed = (value: string): string[] =>
  [...value.matchAll(/"((?:[^"]|"")*)"|[^,\s]+/g)].map(([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replaceAll('""', '"'),
  );

async function connectionLimit(client: Client, source: string, copy: string): Promise<string> {
  const { rows } = await client.query<{ most: number }>(
    'SELECT datconnlimit AS most FROM pg_database WHERE datname = $1',
    [source],
  );
  return `ALTER DATABASE ${client.escapeIdentifier(copy)} CONNECTION LIMIT ${rows[0]?.most ?? -1}`;
}
