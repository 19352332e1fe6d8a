import type { Client } from '../postgres/client.js';

// Bits of tgtype: 1 for each row, 2 before, 16 on update.
const triggers = `
  SELECT t.tgname AS name, t.tgtype & 1 = 1 AS "eachRow", p.proname AS function,
    t.tgtype & 3 = 3 AND EXISTS (
      SELECT FROM unnest($2::text[]) c WHERE p.prosrc ~* ('new\\s*\\.\\s*"?' || c || '"?\\s*:?=[^=]')) AS "writesIt"
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE t.tgrelid = $1::int8::oid AND NOT t.tgisinternal AND t.tgenabled NOT IN ('D', 'R') AND t.tgtype & 16 = 16
    AND (t.tgattr = ''::int2vector OR EXISTS (SELECT FROM pg_attribute a
      WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::int2[]) AND a.attname = ANY ($2::text[])))
  ORDER BY t.tgname`;

const publications = `
  SELECT p.pubname AS name FROM pg_publication_tables p JOIN pg_class c ON c.relname = p.tablename
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
  WHERE c.oid = $1::int8::oid OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::int8::oid)
  GROUP BY 1 ORDER BY 1`;

const indexes = `
  SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE i.indrelid = $1::int8::oid AND EXISTS (SELECT FROM pg_attribute a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND a.attname = ANY ($2::text[]))
  ORDER BY 1`;

const children = `
  SELECT count(*)::int AS children FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
  WHERE i.inhparent = $1::int8::oid AND c.relkind = 'r'`;

/** What a change of these columns sets in motion beside the rows themselves. */
export async function notesOf(client: Client, oid: number, columns: readonly string[]): Promise<string[]> {
  const both = [oid, columns];
  const fired = await client.query<{ name: string; eachRow: boolean; function: string; writesIt: boolean }>(
    triggers,
    both,
  );
  const published = await client.query<{ name: string }>(publications, [oid]);
  const indexed = await client.query<{ name: string }>(indexes, both);
  const { children: below = 0 } = (await client.query<{ children: number }>(children, [oid])).rows[0] ?? {};
  return [
    ...fired.rows.map(({ name, eachRow, function: by, writesIt }) =>
      writesIt
        ? `trigger ${name} (${by}) writes the same column: its value stands, not that of the backfill`
        : `trigger ${name} (${by}) fires for each ${eachRow ? 'row' : 'batch'}`,
    ),
    ...published.rows.map(({ name }) => `each changed row goes to the subscribers of publication ${name}`),
    ...indexed.rows.map(({ name }) => `index ${name} has the column: each row is written into it, too`),
    ...(below
      ? [`its ${below} children by inheritance have rows of their own, which are left as they are`]
      : []),
  ];
}
