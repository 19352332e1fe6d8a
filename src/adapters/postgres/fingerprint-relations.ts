import { comment, counted, grants, line, maybe, owner, ownObject, when } from './fingerprint-sql.js';

/** The relations that count, with what the patterns are held against. */
export const relations = `
  SELECT c.oid::int8::float8 AS oid, n.nspname || '.' || c.relname AS name, c.relname AS short
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${counted('n.nspname')} AND ${ownObject('pg_class', 'c.oid')}`;

/** `$1` are the oids of relations that are left out. What belongs to a relation goes with it. */
export const ofRelation = (kinds: string): string => `
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN (${kinds}) AND ${counted('n.nspname')} AND ${ownObject('pg_class', 'c.oid')}
    AND c.oid <> ALL ($1::oid[])`;

const inFull = `format('%I.%I', n.nspname, c.relname)`;

/** Tablespaces are left out: they say where a table lies, not what it is. */
const tables = `SELECT ${line([
  `CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table '
      ELSE 'table ' END || ${inFull}`,
  when(`c.relpersistence = 'u'`, 'unlogged'),
  maybe('partition by', 'pg_get_partkeydef(c.oid)'),
  maybe(
    'partition of',
    `CASE WHEN c.relispartition THEN (SELECT inhparent::regclass::text FROM pg_inherits
      WHERE inhrelid = c.oid) || ' ' || pg_get_expr(c.relpartbound, c.oid) END`,
  ),
  maybe(
    'inherits',
    `SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) FROM pg_inherits
      WHERE inhrelid = c.oid AND NOT c.relispartition`,
  ),
  maybe('of type', `CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END`),
  maybe('with', `SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o`),
  maybe('using', `SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap'`),
  maybe(
    'server',
    `SELECT format('%I %s', s.srvname, t.ftoptions) FROM pg_foreign_table t
      JOIN pg_foreign_server s ON s.oid = t.ftserver WHERE t.ftrelid = c.oid`,
  ),
  when(`c.relreplident NOT IN ('d', 'n')`, 'replica identity', 'c.relreplident'),
  when('c.relrowsecurity', 'row security'),
  when('c.relforcerowsecurity', 'row security forced'),
  when(`c.relkind = 'm' AND NOT c.relispopulated`, 'not populated'),
  `CASE WHEN c.relkind IN ('v', 'm') THEN ' as ' || pg_get_viewdef(c.oid) ELSE '' END`,
  owner('c.relowner'),
  grants('c.relacl', 'r', 'c.relowner'),
  comment('c.oid', 'pg_class'),
])} AS line FROM pg_class c ${ofRelation(`'r', 'p', 'v', 'm', 'f'`)}`;

/** Without their position: a column that was dropped and added again is the same schema. */
const columns = `SELECT ${line([
  `format('column %I.%I.%I %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod))`,
  when('a.attnotnull', 'not null'),
  // Since version 18 NOT NULL is a constraint. Its name is left out: it remembers old names of the table.
  when(
    `EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n'
      AND k.conkey[1] = a.attnum AND NOT k.convalidated)`,
    'not validated',
  ),
  maybe('collate', `CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END`),
  maybe('default', 'pg_get_expr(d.adbin, d.adrelid)'),
  when(`a.attgenerated <> ''`, 'generated', 'a.attgenerated'),
  when(`a.attidentity <> ''`, 'identity', 'a.attidentity'),
  when('a.attstorage <> t.typstorage', 'storage', 'a.attstorage'),
  when(`a.attcompression <> ''`, 'compression', 'a.attcompression'),
  when('coalesce(a.attstattarget, -1) <> -1', 'statistics', 'a.attstattarget'),
  maybe('with', `a.attoptions::text`),
  maybe('options', `a.attfdwoptions::text`),
  grants('a.attacl', 'c', 'c.relowner'),
  maybe('comment', 'quote_literal(col_description(c.oid, a.attnum))'),
])} AS line FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  ${ofRelation(`'r', 'p', 'v', 'm', 'f'`)}`;

/** What a partition has from its parent is left out: the parent's line says it, and names are made up. */
const constraints = `SELECT ${line([
  `format('constraint %I.%I %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))`,
  when('NOT k.convalidated', 'not validated'),
  comment('k.oid', 'pg_constraint'),
])} AS line FROM pg_class c
  JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype NOT IN ('n', 't') AND k.conparentid = 0
  ${ofRelation(`'r', 'p', 'f'`)}`;

const indexes = `SELECT ${line([
  `pg_get_indexdef(i.indexrelid)`,
  when('NOT i.indisvalid', 'invalid'),
  when('i.indisclustered', 'clustered'),
  when('i.indisreplident', 'replica identity'),
  comment('i.indexrelid', 'pg_class'),
])} AS line FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid ${ofRelation(`'r', 'p', 'm'`)}`;

/** Without their values: users move them. */
const sequences = `SELECT ${line([
  `'sequence ' || ${inFull}`,
  `format(' %s start %s step %s from %s to %s cache %s', s.seqtypid::regtype, s.seqstart, s.seqincrement,
      s.seqmin, s.seqmax, s.seqcache)`,
  when('s.seqcycle', 'cycle'),
  when(`c.relpersistence = 'u'`, 'unlogged'),
  maybe(
    'of',
    `SELECT format('%s.%I', d.refobjid::regclass, a.attname) FROM pg_attribute a
      WHERE a.attrelid = d.refobjid AND a.attnum = d.refobjsubid`,
  ),
  owner('c.relowner'),
  grants('c.relacl', 's', 'c.relowner'),
  comment('c.oid', 'pg_class'),
])} AS line FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  ${ofRelation(`'S'`)} AND coalesce(d.refobjid <> ALL ($1::oid[]), true)`;

const triggers = `SELECT ${line([
  'pg_get_triggerdef(t.oid)',
  when(`t.tgenabled <> 'O'`, 'enabled', 't.tgenabled'),
  comment('t.oid', 'pg_trigger'),
])} AS line FROM pg_class c
  JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^lockkeeper_keep_'
  ${ofRelation(`'r', 'p', 'v', 'f'`)}`;

const policies = `SELECT ${line([
  `format('policy %I on %I.%I for %s', p.polname, n.nspname, c.relname, p.polcmd)`,
  when('NOT p.polpermissive', 'restrictive'),
  `' to ' || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', '
      ORDER BY CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END) FROM unnest(p.polroles) r)`,
  maybe('using', 'pg_get_expr(p.polqual, p.polrelid)'),
  maybe('with check', 'pg_get_expr(p.polwithcheck, p.polrelid)'),
  comment('p.oid', 'pg_policy'),
])} AS line FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid ${ofRelation(`'r', 'p'`)}`;

const rules = `SELECT ${line([
  'pg_get_ruledef(r.oid)',
  when(`r.ev_enabled <> 'O'`, 'enabled', 'r.ev_enabled'),
])} AS line FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
  ${ofRelation(`'r', 'p', 'v'`)}`;

const statistics = `SELECT ${line([
  'pg_get_statisticsobjdef(s.oid)',
  owner('s.stxowner'),
])} AS line FROM pg_class c JOIN pg_statistic_ext s ON s.stxrelid = c.oid ${ofRelation(`'r', 'p', 'm', 'f'`)}`;

export const relationQueries: readonly string[] = [
  tables,
  columns,
  constraints,
  indexes,
  sequences,
  triggers,
  policies,
  rules,
  statistics,
];
