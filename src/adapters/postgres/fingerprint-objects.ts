import { comment, counted, grants, line, maybe, owner, ownObject, when } from './fingerprint-sql.js';

/** What does not belong to a relation. */

const schemas = `SELECT ${line([
  `format('schema %I', n.nspname)`,
  owner('n.nspowner'),
  grants('n.nspacl', 'n', 'n.nspowner'),
  comment('n.oid', 'pg_namespace'),
])} AS line FROM pg_namespace n WHERE ${counted('n.nspname')} AND ${ownObject('pg_namespace', 'n.oid')}`;

const extensions = `SELECT ${line([
  `format('extension %I %s in %I', e.extname, e.extversion, n.nspname)`,
])} AS line FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace`;

const aggregate = `(SELECT format('step %s %s finish %s start %s', a.aggtransfn, a.aggtranstype::regtype,
  a.aggfinalfn, coalesce(quote_literal(a.agginitval), 'null')) FROM pg_aggregate a WHERE a.aggfnoid = p.oid)`;

const functions = `SELECT ${line([
  `format('function %I.%I(%s) ', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))`,
  `CASE p.prokind WHEN 'a' THEN ${aggregate} ELSE pg_get_functiondef(p.oid) END`,
  owner('p.proowner'),
  grants('p.proacl', 'f', 'p.proowner'),
  comment('p.oid', 'pg_proc'),
])} AS line FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE ${counted('n.nspname')} AND ${ownObject('pg_proc', 'p.oid')}
    AND NOT EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')`;

const labels = `SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
  FROM pg_enum WHERE enumtypid = t.oid`;

/** In their order: it is part of the type, unlike that of a table's columns. */
const attributes = `SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod),
    CASE WHEN attcollation <> 0 THEN ' collate ' || attcollation::regcollation ELSE '' END), ', ' ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped`;

const checks = `SELECT string_agg(format('%I %s', conname, pg_get_constraintdef(oid)), ', ' ORDER BY conname)
  FROM pg_constraint WHERE contypid = t.oid AND contype <> 'n'`;

const types = `SELECT ${line([
  `format('type %I.%I %s', n.nspname, t.typname, t.typtype)`,
  maybe('labels', `CASE t.typtype WHEN 'e' THEN (${labels}) END`),
  maybe('attributes', `CASE t.typtype WHEN 'c' THEN (${attributes}) END`),
  maybe('over', `CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) END`),
  maybe('range of', `SELECT format_type(rngsubtype, NULL) FROM pg_range WHERE rngtypid = t.oid`),
  maybe(
    'collate',
    `CASE WHEN t.typtype = 'd' AND t.typcollation <> 0 THEN t.typcollation::regcollation::text END`,
  ),
  when('t.typnotnull', 'not null'),
  maybe('default', 't.typdefault'),
  maybe('checks', checks),
  owner('t.typowner'),
  grants('t.typacl', 'T', 't.typowner'),
  comment('t.oid', 'pg_type'),
])} AS line FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typtype IN ('e', 'd', 'c', 'r') AND coalesce(c.relkind = 'c', true)
    AND ${counted('n.nspname')} AND ${ownObject('pg_type', 't.oid')}`;

const defaultGrants = `SELECT format('default grants of %s in %s on %s: %s', pg_get_userbyid(d.defaclrole),
    coalesce(n.nspname, 'all schemas'), d.defaclobjtype, g.words) AS line
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
  CROSS JOIN LATERAL (SELECT string_agg(w, ', ' ORDER BY w) AS words FROM (
    SELECT format('%s=%s%s', CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END, privilege_type,
      CASE WHEN is_grantable THEN '*' ELSE '' END) AS w FROM aclexplode(d.defaclacl)) e) g`;

const eventTriggers = `SELECT ${line([
  `format('event trigger %I on %s %s %s', e.evtname, e.evtevent, e.evtfoid::regprocedure, e.evtenabled)`,
  maybe('for', `SELECT string_agg(tag, ', ' ORDER BY tag) FROM unnest(e.evttags) tag`),
  owner('e.evtowner'),
])} AS line FROM pg_event_trigger e WHERE ${ownObject('pg_event_trigger', 'e.oid')}`;

/** Rare objects are told by their names alone. What initdb made has an oid below 16384. */
const rare = [
  'pg_cast',
  'pg_collation',
  'pg_conversion',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_language',
  'pg_opclass',
  'pg_operator',
  'pg_opfamily',
  'pg_publication',
  'pg_transform',
  'pg_ts_config',
  'pg_ts_dict',
  'pg_ts_parser',
  'pg_ts_template',
]
  .map(
    (catalog) => `SELECT o.type || ' ' || o.identity AS line
      FROM ${catalog} x, pg_identify_object('${catalog}'::regclass, x.oid, 0) o
      WHERE x.oid >= 16384 AND ${ownObject(catalog, 'x.oid')}`,
  )
  .join(' UNION ALL ');

export const objectQueries: readonly string[] = [
  schemas,
  extensions,
  functions,
  types,
  defaultGrants,
  eventTriggers,
  rare,
];
