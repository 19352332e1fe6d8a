import type { Client } from './client.js';

interface Owned {
  sequence: string;
  table: string;
  column: string;
  last: string;
}

/** Only columns that an index leads to: to look for the greatest value of others would read the whole table. */
const ownedQuery = `
  SELECT format('%I.%I', s.schemaname, s.sequencename) AS sequence, d.refobjid::regclass::text AS table,
    quote_ident(a.attname) AS column, coalesce(s.last_value, s.start_value - 1)::text AS last
  FROM pg_sequences s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE s.increment_by > 0 AND NOT s.cycle AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = d.refobjid AND i.indisvalid AND i.indkey[0] = a.attnum)
  ORDER BY 1`;

/**
 * Sequences that are behind the greatest value of the column that they number, in words: the next row without a
 * number of its own would meet one that is there. In a copy whose rows and sequences are those of the backup the
 * database itself is so.
 */
export async function sequencesBehind(client: Client): Promise<string[]> {
  const { rows } = await client.query<Owned>(ownedQuery);
  const behind: string[] = [];
  for (const { sequence, table, column, last } of rows) {
    const found = await client.query<{ most: string | null }>(
      `SELECT max(${column})::text AS most FROM ${table}`,
    );
    const most = found.rows[0]?.most;
    if (most && BigInt(most) > BigInt(last))
      behind.push(`sequence ${sequence} is at ${last}, and ${table}.${column} goes up to ${most} already`);
  }
  return behind;
}
