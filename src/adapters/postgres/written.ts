import type { Client } from './client.js';

/**
 * Tables and columns that a downgrade would remove. Tables as in SQL: `orders`, `sales.orders`, `"Orders"`; columns as the
 * catalog has them.
 */
export interface Added {
  tables: readonly string[];
  columns: readonly { table: string; column: string }[];
}

/** What was found in one of them. */
export interface Written {
  /** `table`, or `table.column`, as asked. */
  what: string;
  rows: number;
  /** Whether there are more: counting ended at the limit. */
  more: boolean;
}

/** As many as a person needs to decide; counting billions would keep a rollback waiting. */
export const LIMIT = 100_000;

/**
 * Counts what would be lost with tables and columns: the rows of a table; of a column the rows whose value is
 * neither NULL nor the one that the column was added with. Where that value is not a constant (`now()`,
 * a sequence) every value counts as written: rather one warning too many. Generated columns hold nothing of
 * their own. What is not there holds nothing.
 *
 * @returns those that hold something
 */
export async function rowsIn(client: Client, { tables, columns }: Added, limit = LIMIT): Promise<Written[]> {
  const found: Written[] = [];
  for (const what of tables) {
    const table = await resolve(client, what);
    found.push({ what, ...(table ? await count(client, table, 'true', [], limit) : nothing) });
  }
  for (const { table, column } of columns)
    found.push({ what: `${table}.${column}`, ...(await countColumn(client, table, column, limit)) });
  return found.filter(({ rows }) => rows > 0);
}

const nothing = { rows: 0, more: false };

/** @returns the table's full name, quoted; undefined when it is not there */
export async function resolve(client: Client, name: string): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`,
    [name],
  );
  return rows[0]?.name;
}

async function count(client: Client, table: string, where: string, values: string[], limit: number) {
  const { rows } = await client.query<{ n: string }>(
    `SELECT count(*) AS n FROM (SELECT FROM ${table} AS t WHERE ${where} LIMIT ${limit + 1}) AS found`,
    values,
  );
  const n = Number(rows[0]?.n ?? 0);
  return { rows: Math.min(n, limit), more: n > limit };
}

interface Column {
  name: string;
  generated: string;
  type: string;
  /** What rows that were there before the column hold, as text. */
  missing: string | null;
  /** The default's SQL. */
  usual: string | null;
}

// attmissingval: https://www.postgresql.org/docs/current/catalog-pg-attribute.html
const columnQuery = `
  SELECT quote_ident(a.attname) AS name, a.attgenerated AS generated, format_type(a.atttypid, a.atttypmod) AS type,
    CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END AS missing,
    pg_get_expr(d.adbin, d.adrelid) AS usual
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped`;

async function countColumn(client: Client, tableName: string, columnName: string, limit: number) {
  const table = await resolve(client, tableName);
  const { rows } = await client.query<Column>(columnQuery, [tableName, columnName]);
  const [column] = rows;
  if (!table || !column || column.generated) return nothing;
  const { name, type, missing, usual } = column;
  const tests = [`t.${name} IS NOT NULL`];
  // Compared as text: not every type can be compared (json, point).
  if (missing !== null) tests.push(`t.${name}::text <> $1`);
  if (usual !== null && isConstant(usual))
    tests.push(`t.${name}::text IS DISTINCT FROM (${usual})::${type}::text`);
  return count(client, table, tests.join(' AND '), missing === null ? [] : [missing], limit);
}

/** Whether an expression calls no function: one may have effects, or another answer each time. */
export function isConstant(expression: string): boolean {
  const bare = expression.replace(/'(?:[^']|'')*'/g, "''").replace(/::[\w ."]+(?:\([\d, ]+\))?/g, '');
  return !/[\w"]\s*\(/.test(bare);
}
