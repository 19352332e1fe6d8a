import { inCatalog } from '../../domain/sql-name.js';
import type { Client } from '../postgres/client.js';
import { shell, type ShellOptions } from '../shell.js';
import type { PgTools } from './pg-tools.js';

const name = '("(?:[^"]|"")+"|[A-Za-z_][\\w$]*)';
const places = [
  new RegExp(`^ALTER .* OWNER TO ${name};$`, 'gm'),
  new RegExp(`^(?:GRANT|REVOKE) .* (?:TO|FROM) ${name}(?: WITH GRANT OPTION)?;$`, 'gm'),
  new RegExp(`^ALTER DEFAULT PRIVILEGES FOR ROLE ${name} `, 'gm'),
  new RegExp(`^CREATE SCHEMA .* AUTHORIZATION ${name};$`, 'gm'),
  new RegExp(`^CREATE POLICY .* TO ${name}(?: USING| WITH|;)`, 'gm'),
];

/** @returns roles that the SQL of a schema names: owners, and who has privileges */
export function rolesIn(sql: string): string[] {
  const found = places.flatMap((place) => [...sql.matchAll(place)].map((match) => inCatalog(match[1]!)));
  return [...new Set(found)].filter((role) => role !== 'public').sort();
}

/** The same of an archive. @param path - the archive */
export const rolesInArchive = async (
  { restore }: PgTools,
  path: string,
  options: Pick<ShellOptions, 'signal' | 'onStart'>,
): Promise<string[]> =>
  rolesIn((await shell({ file: restore, args: ['--schema-only', '--file=-', path] }, options)).stdout);

/** Roles that a backup's schema names and the server does not have: a line each, with how to make them. */
export async function missingRoles(server: Client, roles: readonly string[]): Promise<string[]> {
  const { rows } = await server.query<{ name: string }>('SELECT rolname AS name FROM pg_roles');
  const there = new Set(rows.map((row) => row.name));
  return roles
    .filter((role) => !there.has(role))
    .map((role) => `role ${role} is missing: CREATE ROLE ${server.escapeIdentifier(role)} NOLOGIN`);
}
