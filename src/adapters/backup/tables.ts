import type { Client } from '../postgres/client.js';

export interface Table {
  oid: number;
  /** `schema.table`, quoted where SQL needs it. */
  name: string;
  /** A partitioned table has no rows of its own. */
  partitioned: boolean;
}

// Tables of extensions are theirs: pg_dump writes the extension's name, and of their rows only settings.
const tablesQuery = `
  SELECT c.oid::int8::float8 AS oid, format('%I.%I', n.nspname, c.relname) AS name,
    c.relkind = 'p' AS partitioned
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend e
      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
  ORDER BY c.oid`;

/** All tables that a dump has the rows of. */
export const tablesOf = async (client: Client): Promise<Table[]> =>
  (await client.query<Table>(tablesQuery)).rows;
