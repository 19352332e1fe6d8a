import { mkdir, chown } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../postgres/client.js';
import { assignment } from '../postgres/database-properties.js';
import type { ScratchFolder } from './folder.js';

/** Roles and tablespaces of a server: no dump of a database has them. */
export interface Globals {
  roles: readonly Role[];
  memberships: readonly { role: string; member: string; admin: boolean }[];
  settings: readonly { role: string; setting: string }[];
  tablespaces: readonly string[];
}

interface Role {
  name: string;
  superuser: boolean;
  inherit: boolean;
  createRole: boolean;
  createDatabase: boolean;
  bypass: boolean;
  limit: number;
}

const rolesQuery = `
  SELECT rolname AS name, rolsuper AS superuser, rolinherit AS inherit, rolcreaterole AS "createRole",
    rolcreatedb AS "createDatabase", rolbypassrls AS bypass, rolconnlimit AS limit
  FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY oid`;

const membershipsQuery = `
  SELECT pg_get_userbyid(roleid) AS role, pg_get_userbyid(member) AS member, bool_or(admin_option) AS admin
  FROM pg_auth_members GROUP BY 1, 2 ORDER BY 1, 2`;

const settingsQuery = `
  SELECT pg_get_userbyid(setrole) AS role, unnest(setconfig) AS setting
  FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole <> 0`;

const tablespacesQuery = `SELECT spcname AS name FROM pg_tablespace WHERE spcname !~ '^pg_'`;

/** Reads them of the live server; every role may. Never a password. */
export async function readGlobals(client: Client): Promise<Globals> {
  const all = async <T extends object>(query: string) => (await client.query<T>(query)).rows;
  return {
    roles: await all<Role>(rolesQuery),
    memberships: await all(membershipsQuery),
    settings: await all(settingsQuery),
    tablespaces: (await all<{ name: string }>(tablespacesQuery)).map(({ name }) => name),
  };
}

/** Name of the role that initdb has made: it owns what belongs to the system. */
export async function superuserOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT rolname AS name FROM pg_roles WHERE oid = 10',
  );
  return rows[0]?.name ?? 'postgres';
}

/**
 * Makes roles, memberships, settings and tablespaces on a private server. Nobody of them may log in.
 *
 * @param more - names that a backup's schema has, and that may be gone from the live server since
 * @returns what could not be made, in words: settings of extensions that are not there
 */
export async function makeGlobals(
  client: Client,
  { roles, memberships, settings, tablespaces }: Globals,
  folder: ScratchFolder,
  more: readonly string[],
): Promise<string[]> {
  const there = await namesThere(client);
  const name = (text: string) => client.escapeIdentifier(text);
  const known = roles.filter((role) => !there.has(role.name));
  const gone = more.filter((role) => !there.has(role) && !roles.some((each) => each.name === role));
  await client.query(
    [
      ...known.map((role) => `CREATE ROLE ${name(role.name)} ${attributes(role)}`),
      ...gone.map((role) => `CREATE ROLE ${name(role)} NOLOGIN`),
      ...memberships.map(
        ({ role, member, admin }) =>
          `GRANT ${name(role)} TO ${name(member)}${admin ? ' WITH ADMIN OPTION' : ''}`,
      ),
    ].join(';\n'),
  );
  for (const tablespace of tablespaces)
    await client.query(
      `CREATE TABLESPACE ${name(tablespace)} LOCATION ${client.escapeLiteral(await placeFor(tablespace, folder))}`,
    );
  return makeSettings(client, settings);
}

async function makeSettings(client: Client, settings: Globals['settings']): Promise<string[]> {
  const notes: string[] = [];
  for (const { role, setting } of settings)
    await client
      .query(`ALTER ROLE ${client.escapeIdentifier(role)} SET ${assignment(client, setting)}`)
      .catch((error: Error) => notes.push(`setting of role ${role} left out: ${error.message}`));
  return notes;
}

const attributes = (role: Role): string =>
  [
    'NOLOGIN',
    role.superuser ? 'SUPERUSER' : 'NOSUPERUSER',
    role.inherit ? 'INHERIT' : 'NOINHERIT',
    role.createRole ? 'CREATEROLE' : 'NOCREATEROLE',
    role.createDatabase ? 'CREATEDB' : 'NOCREATEDB',
    role.bypass ? 'BYPASSRLS' : 'NOBYPASSRLS',
    `CONNECTION LIMIT ${role.limit}`,
  ].join(' ');

async function namesThere(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
  return new Set(rows.map((row) => row.name));
}

async function placeFor(tablespace: string, { path, as }: ScratchFolder): Promise<string> {
  const place = join(path, `tablespace-${Buffer.from(tablespace).toString('hex')}`);
  await mkdir(place, { mode: 0o700 });
  if (as) await chown(place, as.uid, as.gid);
  return place;
}

/** Lets those in who are to be: with the password of this rehearsal. */
export const letIn = async (client: Client, users: Iterable<string>, password: string): Promise<void> => {
  const there = await namesThere(client);
  for (const user of new Set(users)) {
    const verb = there.has(user) ? 'ALTER' : 'CREATE';
    await client.query(
      `${verb} ROLE ${client.escapeIdentifier(user)} LOGIN CONNECTION LIMIT -1 PASSWORD ${client.escapeLiteral(password)}`,
    );
  }
};
