import type { KeepableTable } from '../../domain/keepsake.js';
import type { Client } from '../postgres/client.js';
import { pinWriting } from '../postgres/fingerprint.js';

const columns = (where: string, order: string, more = '') => `
  coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'builtIn', t.typnamespace = 'pg_catalog'::regnamespace${more}) ORDER BY ${order})
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${where}), '[]')`;

const list = (what: string, from: string) =>
  `coalesce((SELECT json_agg(${what} ORDER BY ${what}) FROM ${from}), '[]')`;

const named = (oid: string) =>
  `(SELECT format('%I.%I', o.nspname, r.relname) FROM pg_class r JOIN pg_namespace o ON o.oid = r.relnamespace WHERE r.oid = ${oid})`;

/** What hangs on the table or its row type, but for what is a part of it. Views hang on it by their rule. */
const dependants = `
  SELECT DISTINCT d.classid, d.objid, v.relkind, v.oid AS view, f.conname, f.conrelid
  FROM pg_depend d
  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
  LEFT JOIN pg_class v ON v.oid = w.ev_class
  LEFT JOIN pg_constraint f ON d.classid = 'pg_constraint'::regclass AND f.oid = d.objid AND f.contype = 'f'
  WHERE d.deptype = 'n' AND ((d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)
      OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))))
    AND coalesce(v.oid, 0) <> c.oid AND coalesce(f.conrelid, 0) <> c.oid
    AND NOT (d.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = d.objid AND i.indrelid = c.oid))
    AND NOT (d.classid = 'pg_policy'::regclass AND EXISTS (SELECT FROM pg_policy p WHERE p.oid = d.objid AND p.polrelid = c.oid))
    AND NOT (d.classid = 'pg_trigger'::regclass AND EXISTS (SELECT FROM pg_trigger g WHERE g.oid = d.objid AND g.tgrelid = c.oid))
    AND NOT (d.classid = 'pg_attrdef'::regclass AND EXISTS (SELECT FROM pg_attrdef e WHERE e.oid = d.objid AND e.adrelid = c.oid))
    AND NOT (d.classid = 'pg_constraint'::regclass AND EXISTS (SELECT FROM pg_constraint e WHERE e.oid = d.objid AND e.conrelid = c.oid))`;

const cascades = `(SELECT CASE WHEN bool_and(x.view IS NOT NULL AND x.relkind IN ('v', 'm') OR x.conname IS NOT NULL) IS FALSE THEN NULL
    ELSE coalesce(json_agg(DISTINCT CASE
      WHEN x.conname IS NOT NULL THEN format('ALTER TABLE IF EXISTS %s DROP CONSTRAINT IF EXISTS %I', ${named('x.conrelid')}, x.conname)
      WHEN x.relkind = 'm' THEN format('DROP MATERIALIZED VIEW IF EXISTS %s CASCADE', ${named('x.view')})
      ELSE format('DROP VIEW IF EXISTS %s CASCADE', ${named('x.view')}) END::text) FILTER (WHERE x.objid IS NOT NULL), '[]') END
  FROM (${dependants}) x)`;

const query = `
  SELECT asked.name, format('%I.%I', n.nspname, c.relname) AS full,
    CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' ELSE 'other' END AS kind,
    c.relispartition AS "isPartition",
    c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid)
      OR NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS "hasChildren",
    ${columns('a.attnum = ANY (k.conkey)', 'array_position(k.conkey, a.attnum)')} AS key,
    ${columns('true', 'a.attnum', `, 'generated', a.attgenerated <> '', 'hasDefault', d.oid IS NOT NULL AND a.attgenerated = '' AND a.attidentity = ''`)} AS columns,
    ${list('conname', `pg_constraint WHERE conrelid = c.oid AND contype = 'f'`)} AS "foreignKeys",
    ${list('conname', `pg_constraint WHERE conrelid = c.oid AND contype = 'c'`)} AS checks,
    ${list('tgname', `pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal`)} AS triggers,
    ${list('polname', 'pg_policy WHERE polrelid = c.oid')} AS policies,
    ${list('rulename', `pg_rewrite WHERE ev_class = c.oid AND rulename <> '_RETURN'`)} AS rules,
    ${list(named('i.indexrelid'), `pg_index i WHERE i.indrelid = c.oid AND EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = c.oid AND contype IN ('p', 'u', 'x'))`)} AS "constraintIndexes",
    ${list(named('i.indexrelid'), `pg_index i WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = c.oid AND contype IN ('p', 'u', 'x'))`)} AS "otherIndexes",
    ${list(named('s.objid'), `pg_depend s WHERE s.classid = 'pg_class'::regclass AND s.refclassid = 'pg_class'::regclass AND s.refobjid = c.oid AND s.deptype IN ('a', 'i') AND s.refobjsubid > 0 AND (SELECT relkind FROM pg_class WHERE oid = s.objid) = 'S'`)} AS sequences,
    ${list(`format('%I.%I', (SELECT nspname FROM pg_namespace WHERE oid = stxnamespace), stxname)`, 'pg_statistic_ext WHERE stxrelid = c.oid')} AS statistics,
    ${list('pubname', 'pg_publication_rel JOIN pg_publication p ON p.oid = prpubid WHERE prrelid = c.oid')} AS publications,
    ${cascades} AS cascades
  FROM unnest($1::text[], $2::oid[]) AS asked(name, oid) JOIN pg_class c ON c.oid = asked.oid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
  ORDER BY asked.name`;

/**
 * What the catalog says of tables of which something is to go. Names as in SQL.
 *
 * @returns those that are there
 */
export async function keepableTables(client: Client, names: readonly string[]): Promise<KeepableTable[]> {
  if (names.length === 0) return [];
  await client.query('BEGIN READ ONLY');
  try {
    // Looked up by the session's own path, written with an empty one: all names in full.
    const { rows: found } = await client.query<{ oid: number | null }>(
      'SELECT to_regclass(name)::oid::int8::float8 AS oid FROM unnest($1::text[]) WITH ORDINALITY AS n(name, at) ORDER BY at',
      [names],
    );
    await pinWriting(client);
    const { rows } = await client.query<KeepableTable>(query, [names, found.map(({ oid }) => oid)]);
    return rows;
  } finally {
    await client.query('ROLLBACK');
  }
}
