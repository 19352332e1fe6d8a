import type { Client } from './client.js';
import { codeOf } from './failures.js';

/** A table as the catalog describes it, in words of SQL. Its shape is that of phases/facts.ts. */
export interface TableDefinition {
  name: string;
  kind: string;
  columns: object[];
  indexes: object[];
  constraints: object[];
  referencedBy: object[];
  triggers: object[];
  publications: string[];
}

const NAMES = `ARRAY(SELECT quote_ident(attname) FROM unnest(k.keys) WITH ORDINALITY AS at(number, place)
  JOIN pg_attribute ON attrelid = k.of AND attnum = number ORDER BY place)`;
const namesOf = (keys: string, of: string) => NAMES.replaceAll('k.keys', keys).replaceAll('k.of', of);
const listed = (fields: string, rest: string) => `(SELECT coalesce(json_agg(${fields}), '[]') FROM ${rest})`;

/** NOT VALID is no part of the rule itself. */
const definition = (oid: string) => `regexp_replace(pg_get_constraintdef(${oid}), ' NOT VALID$', '')`;

/** What PostgreSQL names when it refuses to drop the column; own defaults, indexes and constraints go with it. */
const users = `ARRAY(SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
    AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass,
      'pg_publication_rel'::regclass, 'pg_attrdef'::regclass)
    AND NOT EXISTS (SELECT FROM pg_attrdef WHERE oid = d.objid AND adrelid = a.attrelid AND adnum = a.attnum)
  ORDER BY 1)`;

const columns = listed(
  `json_build_object('name', quote_ident(attname), 'type', format_type(atttypid, atttypmod)
     || coalesce((SELECT ' COLLATE ' || attcollation::regcollation FROM pg_type WHERE pg_type.oid = atttypid
       AND attcollation <> typcollation), ''),
   'notNull', attnotnull, 'default', CASE WHEN attgenerated = '' THEN pg_get_expr(adbin, adrelid) END,
   'generated', CASE attgenerated WHEN '' THEN '' ELSE 'GENERATED ALWAYS AS (' || pg_get_expr(adbin, adrelid) || ') '
     || CASE attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END END, 'identity', CASE attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' ELSE '' END,
   'sequence', pg_get_serial_sequence(c.oid::regclass::text, attname)::regclass::text,
   'comment', col_description(c.oid, attnum), 'users', ${users}) ORDER BY attnum`,
  `pg_attribute a LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped`,
);

const indexes = listed(
  `json_build_object('name', quote_ident(relname), 'definition', pg_get_indexdef(indexrelid), 'unique', indisunique,
   'partial', indpred IS NOT NULL, 'constraint', quote_ident(conname), 'columns', (SELECT array_agg(quote_ident(attname)
     ORDER BY array_position(indkey::int2[], attnum) NULLS LAST) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
     AND (attnum = ANY (indkey) OR EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
       AND objid = indexrelid AND refobjid = c.oid AND refobjsubid = attnum)))) ORDER BY relname`,
  `pg_index JOIN pg_class i ON i.oid = indexrelid
   LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p', 'u', 'x') WHERE indrelid = c.oid AND indisvalid`,
);

const kinds = `CASE contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'p' THEN 'primary key'
  WHEN 'u' THEN 'unique' ELSE 'exclude' END`;

const constraints = listed(
  `json_build_object('name', quote_ident(conname), 'kind', ${kinds}, 'columns', ${namesOf('conkey', 'conrelid')},
   'definition', ${definition('pg_constraint.oid')}) ORDER BY conname`,
  `pg_constraint WHERE conrelid = c.oid AND contype IN ('c', 'f', 'p', 'u', 'x')`,
);

const referencedBy = listed(
  `json_build_object('table', conrelid::regclass::text, 'name', quote_ident(conname),
   'columns', ${namesOf('conkey', 'conrelid')}, 'referred', ${namesOf('confkey', 'confrelid')},
   'definition', ${definition('pg_constraint.oid')}) ORDER BY conrelid::regclass::text, conname`,
  `pg_constraint WHERE confrelid = c.oid AND contype = 'f' AND conparentid = 0`,
);

const triggers = listed(
  `json_build_object('name', quote_ident(tgname), 'body', prosrc) ORDER BY tgname`,
  `pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = c.oid AND NOT tgisinternal`,
);

const kind = `CASE WHEN c.relkind = 'p' THEN 'partitioned' WHEN c.relispartition THEN 'partition' WHEN c.relkind <> 'r' THEN 'other'
  WHEN EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid) THEN 'parent'
  WHEN EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) THEN 'child' ELSE 'table' END`;

const table = `SELECT json_build_object('name', c.oid::regclass::text, 'kind', ${kind}, 'columns', ${columns},
  'indexes', ${indexes}, 'constraints', ${constraints}, 'referencedBy', ${referencedBy}, 'triggers', ${triggers},
  'publications', ARRAY(SELECT pubname FROM pg_publication_tables WHERE schemaname = n.nspname AND tablename = c.relname
    ORDER BY 1)) AS told
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`;

/**
 * A table's definition as its session's search path names things. PostgreSQL 12 or later.
 *
 * @param name - as SQL has it
 * @returns undefined where there is no such relation
 */
export async function readDefinition(client: Client, name: string): Promise<TableDefinition | undefined> {
  const { rows } = await client.query<{ told: TableDefinition }>(table, [name]);
  return rows[0]?.told;
}

/** Names, quoted, of all relations, constraints and functions that the search path or the schema beside a table has. */
export async function namesTaken(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT DISTINCT quote_ident(name) AS name FROM (SELECT relname FROM pg_class UNION ALL SELECT conname FROM pg_constraint
      UNION ALL SELECT proname FROM pg_proc) AS all_names(name)`);
  return rows.map(({ name }) => name);
}

/** Names of the catalog → as SQL needs them. */
export async function quotedNames(client: Client, names: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; quoted: string }>(
    'SELECT DISTINCT name, quote_ident(name) AS quoted FROM unnest($1::text[]) AS name',
    [names],
  );
  return new Map(rows.map(({ name, quoted }) => [name, quoted]));
}

/** Major version of the server. */
export async function majorVersion(client: Client): Promise<number> {
  const { rows } = await client.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  );
  return rows[0]?.major ?? 0;
}

/** A type as PostgreSQL prints it, without what stands in brackets; null where there is none. */
export async function typeNamed(client: Client, type: string): Promise<string | null> {
  const asked = client.query<{ name: string | null }>(
    'SELECT format_type(to_regtype($1)::oid, NULL) AS name',
    [type],
  );
  const { rows } = await asked.catch((error: unknown) => {
    if (codeOf(error) === SYNTAX_ERROR) return { rows: [] };
    throw error;
  });
  return rows[0]?.name ?? null;
}

const SYNTAX_ERROR = '42601';
