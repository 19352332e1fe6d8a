import type { VersionTable } from '../../domain/plan.js';
import type { Client } from './client.js';
import { isThere } from './is-there.js';

/** What Alembic uses where env.py says nothing. */
export const usualVersionTable: VersionTable = { name: 'alembic_version', schema: null };

/** @returns the revisions that the database says it has, sorted; none when the table is not there */
export async function revisions(
  client: Client,
  version: VersionTable = usualVersionTable,
): Promise<string[]> {
  const name = versionTableName(version);
  if (!(await isThere(client, name))) return [];
  const { rows } = await client.query<{ revision: string }>(
    `SELECT version_num::text AS revision FROM ${name} ORDER BY 1`,
  );
  return rows.map(({ revision }) => revision);
}

/** The table's name as SQL. Without a schema the session's search_path finds it, as for Alembic. */
const versionTableName = ({ name, schema }: VersionTable): string =>
  [...(schema ? [schema] : []), name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
