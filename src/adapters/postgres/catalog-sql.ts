/**
 * The queries that read a schema from the catalog. Each gives rows as lists, in the order that the types beside them
 * name. They run in one message, in a session whose search_path is empty, so that PostgreSQL writes names in full.
 */

/** Schemas whose contents count. */
const counted = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

const ofCounted = (oid: string, kinds: string): string =>
  `JOIN pg_class c ON c.oid = ${oid} AND c.relkind IN (${kinds})
   JOIN pg_namespace n ON n.oid = c.relnamespace AND ${counted}`;

const tables = `'r', 'p', 'f', 'v', 'm', 'c'`;

/** All roles with a privilege on it besides its owner. */
const grantees = `(SELECT array_agg(DISTINCT CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END)
  FROM aclexplode(c.relacl) WHERE grantee <> c.relowner)`;

/**
 * Pages are those of the last VACUUM or ANALYZE: to ask for a size means to lock the table. Before version 14 a table that was never analysed has 0 rows, now -1.
 */
export const relations = (major: number): string => `
  SELECT c.oid, n.nspname AS place, c.relname AS name, c.relkind AS kind,
    c.relpersistence = 'u' AND c.relkind <> 'S' AS unlogged, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
    c.relreplident AS identity, ${major >= 14 ? 'c.reltuples' : 'nullif(c.reltuples, 0)'}::float8 AS rows, nullif(c.reloftype, 0) AS "ofType",
    pg_get_userbyid(c.relowner) AS owner, ${grantees} AS grantees,
    CASE WHEN c.relkind IN ('r', 'm') THEN c.relpages + coalesce(t.relpages, 0) END AS pages,
    p.partdefid IS NOT NULL AS "isDefault"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND ${counted}
  LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
  LEFT JOIN pg_partitioned_table p ON p.partdefid = c.oid
  WHERE c.relkind IN (${tables}, 'S')`;

export const parents = `
  SELECT i.inhrelid AS child, i.inhparent AS parent, c.relispartition AS "isPart"
  FROM pg_inherits i ${ofCounted('i.inhrelid', `'r', 'p', 'f', 'i', 'I'`)} ORDER BY i.inhrelid, i.inhseqno`;

/** Types of PostgreSQL itself are asked for with those of the user: columns have both. */
export const types = `
  SELECT t.oid, n.nspname AS place, t.typname AS name, t.typtype AS kind, nullif(t.typelem, 0) AS element,
    t.typcategory = 'A' AS "isArray", t.typnotnull AS "notNull", nullif(t.typbasetype, 0) AS base,
    t.typtypmod AS sizes, t.typdefault AS default, ${counted} AS own, coalesce(c.relkind = 'c', true) AS alone,
    CASE t.typtype WHEN 'e' THEN (SELECT array_agg(enumlabel::text ORDER BY enumsortorder)
      FROM pg_enum WHERE enumtypid = t.oid) END AS labels,
    CASE t.typtype WHEN 'd' THEN (SELECT array_agg(conname::text ORDER BY conname)
      FROM pg_constraint WHERE contypid = t.oid AND contype = 'c') END AS checks
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE n.nspname !~ '^pg_(toast|temp)'`;

export const columns = (major: number): string => `
  SELECT a.attrelid AS of, a.attnum AS number, a.attname AS name, a.atttypid AS type, a.atttypmod AS sizes,
    a.attnotnull AS "notNull", a.attidentity AS identity, ${major >= 12 ? 'a.attgenerated' : `''`} AS generated,
    CASE WHEN a.atthasdef THEN pg_get_expr(d.adbin, d.adrelid) END AS value,
    CASE WHEN a.attcollation <> t.typcollation THEN l.collname END AS collation
  FROM pg_attribute a ${ofCounted('a.attrelid', tables)} JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum`;

/** A reference to a partitioned table has one more constraint for each of its partitions: those are left out. */
export const constraints = (major: number): string => `
  SELECT k.conrelid AS of, k.conname AS name, k.contype AS kind, k.conkey AS keys, k.convalidated AS validated,
    ${major >= 18 ? 'k.conenforced' : 'true'} AS enforced, nullif(k.confrelid, 0) AS other,
    k.confkey AS "otherKeys", k.connoinherit AS "noInherit", nullif(k.conindid, 0) AS index,
    CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS condition
  FROM pg_constraint k ${ofCounted('k.conrelid', tables)}
  WHERE k.contype IN ('p', 'u', 'x', 'c', 'f', 'n')
    AND NOT EXISTS (SELECT FROM pg_constraint w WHERE w.oid = k.conparentid AND w.conrelid = k.conrelid)
  ORDER BY k.conrelid, k.oid`;

/** Columns that only an expression or a condition of it mentions are known by what it depends on. */
export const indexes = `
  SELECT i.indexrelid AS oid, i.indrelid AS of, x.relname AS name, i.indkey::text AS keys,
    i.indnkeyatts AS "keyCount", i.indisunique AS "isUnique", i.indisvalid AS valid,
    i.indpred IS NOT NULL AS partial, x.relpages AS pages, i.indisreplident AS replica,
    CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN
      (SELECT array_agg(DISTINCT d.refobjsubid) FROM pg_depend d
       WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0
         AND (d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
           OR d.classid = 'pg_constraint'::regclass
             AND d.objid IN (SELECT oid FROM pg_constraint WHERE conindid = i.indexrelid))) END AS mentions
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid ${ofCounted('i.indrelid', tables)}
  ORDER BY i.indrelid, i.indexrelid`;

export const sequences = `
  SELECT s.seqrelid AS oid, s.seqtypid AS type, s.seqmax::float8 AS most, d.refobjid AS "of",
    d.refobjsubid AS number,
    CASE WHEN NOT s.seqcycle AND has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')
      THEN pg_sequence_last_value(s.seqrelid)::float8 END AS last
  FROM pg_sequence s ${ofCounted('s.seqrelid', `'S'`)}
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0`;

export const reads = `
  SELECT DISTINCT r.ev_class AS of, d.refobjid AS other, d.refobjsubid AS number
  FROM pg_rewrite r ${ofCounted('r.ev_class', `'v', 'm'`)}
  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class AND d.deptype = 'n'`;

export const triggers = (major: number): string => `
  SELECT t.tgrelid AS of, t.tgname AS name, t.tgattr::text AS keys, f.nspname AS place, p.proname AS called
  FROM pg_trigger t ${ofCounted('t.tgrelid', tables)}
  JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace f ON f.oid = p.pronamespace
  WHERE NOT t.tgisinternal ${major >= 13 ? 'AND t.tgparentid = 0' : ''} ORDER BY t.tgrelid, t.oid`;

const mentioned = (catalog: string, oid: string, of: string): string => `
  (SELECT array_agg(DISTINCT d.refobjsubid) FROM pg_depend d WHERE d.classid = '${catalog}'::regclass
    AND d.objid = ${oid} AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ${of} AND d.refobjsubid > 0)`;

export const policies = `
  SELECT p.polrelid AS of, p.polname AS name, ${mentioned('pg_policy', 'p.oid', 'p.polrelid')} AS mentions
  FROM pg_policy p ${ofCounted('p.polrelid', tables)} ORDER BY p.polrelid, p.oid`;

export const rules = `
  SELECT r.ev_class AS of, r.rulename AS name FROM pg_rewrite r ${ofCounted('r.ev_class', tables)}
  WHERE r.rulename <> '_RETURN' ORDER BY r.ev_class, r.oid`;

/** Since version 15 a publication can name schemas, columns and conditions. */
export const publications = (major: number): string => `
  SELECT p.pubname AS name, p.puballtables AS whole, r.prrelid AS of,
    ${mentioned('pg_publication_rel', 'r.oid', 'r.prrelid')} AS mentions
  FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid
  ${
    major >= 15
      ? `UNION ALL SELECT p.pubname, false, c.oid, NULL FROM pg_publication_namespace s
         JOIN pg_publication p ON p.oid = s.pnpubid
         JOIN pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r', 'p')`
      : ''
  }`;

/** Functions of extensions are left out: there are thousands, and nobody changes them in a migration. */
export const functions = `
  SELECT n.nspname AS place, p.proname AS name, p.provolatile AS volatility, l.lanname AS language,
    CASE WHEN l.lanname IN ('sql', 'plpgsql') THEN p.prosrc END AS body, p.proargtypes::text AS arguments
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND ${counted}
  JOIN pg_language l ON l.oid = p.prolang
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
    AND d.deptype IN ('e', 'i'))`;

/** Those that a plan calls, whoever made them. @param names - without schema, as SQL literals, separated by commas */
export const calledFunctions = (names: string): string => `
  SELECT n.nspname AS place, p.proname AS name, p.provolatile AS volatility, l.lanname AS language,
    NULL AS body, p.proargtypes::text AS arguments
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE p.proname = ANY (ARRAY[${names}]::text[])`;
