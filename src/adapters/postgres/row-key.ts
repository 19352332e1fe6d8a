import type { Client } from './client.js';

/**
 * The primary key of row `t` as text; where there is none, its place.
 *
 * @param table - as `regclass` takes it
 * @returns SQL
 */
export async function rowKey(client: Client, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(a.attname) AS name FROM pg_index i
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
     WHERE i.indrelid = $1::text::regclass AND i.indisprimary`,
    [table],
  );
  const columns = rows.map(({ name }) => `t.${name}`);
  if (!columns.length) return `'row at ' || t.ctid::text`;
  return columns.length === 1 ? `${columns[0]}::text` : `ROW(${columns.join(', ')})::text`;
}
