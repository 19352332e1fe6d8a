import { mayNotCreateDatabase } from '../../domain/problems/restore.js';
import type { Client } from './client.js';

/** What a database is made as. */
export interface Kind {
  owner: string;
  encoding: string;
  tablespace: string;
  /** A row of pg_database, whose columns differ by version. */
  row: Readonly<Record<string, string | null>>;
}

const kindQuery = `
  SELECT pg_get_userbyid(d.datdba) AS owner, pg_encoding_to_char(d.encoding) AS encoding, t.spcname AS tablespace,
    to_jsonb(d) AS row
  FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`;

/**
 * Creates an empty database with owner, encoding, collation and tablespace of another one. From template0:
 * what an administrator has put into template1 is in the dump already.
 *
 * @throws Problem `may-not-create-database`
 */
export async function createLike(client: Client, source: string, name: string): Promise<void> {
  const kind = await kindOf(client, source);
  await refuseWithoutRights(client, kind.owner);
  await createAs(client, kind, name);
}

/** How a database was made, for another one like it, on another server, too. */
export async function kindOf(client: Client, source: string): Promise<Kind> {
  const { rows } = await client.query<Kind>(kindQuery, [source]);
  const [kind] = rows;
  if (!kind) throw new Error(`pg_database does not have ${source}`);
  return kind;
}

/** Creates an empty database of that kind; owner and tablespace must be there. */
export async function createAs(client: Client, kind: Kind, name: string): Promise<void> {
  const identifier = (text: string) => client.escapeIdentifier(text);
  const clauses = [
    'TEMPLATE template0',
    `OWNER ${identifier(kind.owner)}`,
    `ENCODING ${client.escapeLiteral(kind.encoding)}`,
    ...localeOf(kind.row).map(([clause, value]) => `${clause} ${client.escapeLiteral(value)}`),
    // To name the usual one takes a right that to use it does not.
    ...(kind.tablespace === 'pg_default' ? [] : [`TABLESPACE ${identifier(kind.tablespace)}`]),
  ];
  await client.query(`CREATE DATABASE ${identifier(name)} WITH ${clauses.join(' ')}`);
}

const providers: Readonly<Record<string, string>> = { c: 'libc', i: 'icu', b: 'builtin' };

/** Version 15 brought providers, 16 the rules of icu, 17 one column for the locale of all of them. */
function localeOf(row: Kind['row']): [clause: string, value: string][] {
  const provider = row['datlocprovider'] ?? 'c';
  const locale = row['datlocale'] ?? row['daticulocale'];
  const clauses: [string, string | null | undefined][] = [
    ['LC_COLLATE', row['datcollate']],
    ['LC_CTYPE', row['datctype']],
    ['LOCALE_PROVIDER', provider === 'c' ? null : providers[provider]],
    [provider === 'b' ? 'BUILTIN_LOCALE' : 'ICU_LOCALE', provider === 'c' ? null : locale],
    ['ICU_RULES', row['daticurules']],
  ];
  return clauses.filter((each): each is [string, string] => typeof each[1] === 'string');
}

/** Asked before anything is made, so that all that is missing is told at once. */
export async function refuseWithoutRights(client: Client, owner: string): Promise<void> {
  const { rows } = await client.query<{ role: string; create: boolean; member: boolean }>(
    `SELECT current_user AS role, rolsuper OR rolcreatedb AS create, pg_has_role(current_user, $1, 'MEMBER') AS member
     FROM pg_roles WHERE rolname = current_user`,
    [owner],
  );
  const [may] = rows;
  if (!may) return;
  const role = client.escapeIdentifier(may.role);
  const missing = [
    ...(may.create ? [] : [`ALTER ROLE ${role} CREATEDB`]),
    ...(may.member ? [] : [`GRANT ${client.escapeIdentifier(owner)} TO ${role}`]),
  ];
  if (missing.length) throw mayNotCreateDatabase(may.role, missing);
}
