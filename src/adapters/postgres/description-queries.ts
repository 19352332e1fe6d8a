import { ofRelation } from './fingerprint-relations.js';
import { grants, line, maybe, owner, ownObject, when } from './fingerprint-sql.js';

/**
 * What the fingerprint of a schema leaves out because a migration may change it freely, and a copy that was
 * restored from a backup must have nevertheless.
 */

/** Not of what inherits: a restore puts its parent's columns first. */
const columnOrder = `SELECT format('order of columns of %I.%I: %s', n.nspname, c.relname,
    (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS line
  FROM pg_class c ${ofRelation(`'r', 'p', 'f'`)} AND (c.relispartition
    OR NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid))`;

const tablespaces = `SELECT format('tablespace of %I.%I: %s', n.nspname, c.relname, s.spcname) AS line
  FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace ${ofRelation(`'r', 'p', 'm', 'i', 'I'`)}`;

/** A partition may have switched off what its parent has on. */
const partitionTriggers = `SELECT format('trigger %I on %I.%I, a partition: enabled %s',
    t.tgname, n.nspname, c.relname, t.tgenabled) AS line
  FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgparentid <> 0 AND NOT t.tgisinternal
    JOIN pg_trigger up ON up.oid = t.tgparentid AND up.tgenabled <> t.tgenabled ${ofRelation(`'r', 'p'`)}`;

/** Of large objects there may be millions: those with the same owner and privileges are told together. */
const largeObjects = `SELECT ${line([
  `'large objects'`,
  owner('l.lomowner'),
  grants('l.lomacl', 'L', 'l.lomowner'),
  `': ' || count(*)`,
])} AS line FROM pg_largeobject_metadata l GROUP BY l.lomowner, l.lomacl`;

/** What initdb made has an oid below 16384; what an extension says of its members comes with it. */
const said = (kind: string, catalog: string, words: string): string => `
  SELECT format('${kind} %s %s: %s', o.type, o.identity, ${words}) AS line
  FROM ${catalog} d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o
  WHERE d.objoid >= 16384 AND d.classoid <> 'pg_largeobject'::regclass AND o.identity IS NOT NULL
    AND coalesce(o.schema, '') !~ '^(pg_|lockkeeper)' AND NOT EXISTS (SELECT FROM pg_depend member
      WHERE member.classid = d.classoid AND member.objid = d.objoid AND member.deptype = 'e')`;

const comments = said('comment on', 'pg_description', 'quote_literal(d.description)');
const labels = said('security label of', 'pg_seclabel', `d.provider || ' ' || quote_literal(d.label)`);

/** A rare object with what it is made of. */
const details = (catalog: string, pieces: readonly string[]): string => `
  SELECT ${line([`'details of ' || o.type || ' ' || o.identity || ':'`, ...pieces])} AS line
  FROM ${catalog} x, pg_identify_object('${catalog}'::regclass, x.oid, 0) o
  WHERE x.oid >= 16384 AND ${ownObject(catalog, 'x.oid')}`;

/** A row of the catalog itself, without the numbers that differ from one database to the next. */
const rowBut = (...columns: readonly string[]): string =>
  `' ' || (to_jsonb(x) - '{oid,${columns.join(',')}}'::text[])::text`;

const rare = [
  details('pg_cast', [
    `format(' %s %s', x.castcontext, x.castmethod)`,
    maybe('by', `CASE WHEN x.castfunc <> 0 THEN x.castfunc::regprocedure::text END`),
  ]),
  details('pg_collation', [rowBut('collnamespace', 'collowner', 'collversion'), owner('x.collowner')]),
  details('pg_foreign_data_wrapper', [
    maybe('handler', `CASE WHEN x.fdwhandler <> 0 THEN x.fdwhandler::regprocedure::text END`),
    maybe('options', 'x.fdwoptions'),
    owner('x.fdwowner'),
    grants('x.fdwacl', 'F', 'x.fdwowner'),
  ]),
  details('pg_foreign_server', [
    maybe('of', '(SELECT fdwname FROM pg_foreign_data_wrapper WHERE oid = x.srvfdw)'),
    maybe('type', 'x.srvtype'),
    maybe('version', 'x.srvversion'),
    maybe('options', 'x.srvoptions'),
    owner('x.srvowner'),
    grants('x.srvacl', 'S', 'x.srvowner'),
  ]),
  details('pg_language', [
    when('x.lanpltrusted', 'trusted'),
    owner('x.lanowner'),
    grants('x.lanacl', 'l', 'x.lanowner'),
  ]),
  details('pg_operator', [
    `' ' || x.oprcode::regprocedure`,
    maybe('commutator', `CASE WHEN x.oprcom <> 0 THEN x.oprcom::regoperator::text END`),
    maybe('negator', `CASE WHEN x.oprnegate <> 0 THEN x.oprnegate::regoperator::text END`),
    when('x.oprcanhash', 'hashes'),
    when('x.oprcanmerge', 'merges'),
    owner('x.oprowner'),
  ]),
  details('pg_opfamily', [
    owner('x.opfowner'),
    maybe(
      'operators',
      `SELECT string_agg(format('%s %s', amopstrategy, amopopr::regoperator), ', '
         ORDER BY amopstrategy, amopopr::regoperator::text) FROM pg_amop WHERE amopfamily = x.oid`,
    ),
    maybe(
      'functions',
      `SELECT string_agg(format('%s %s', amprocnum, amproc::oid::regprocedure), ', '
         ORDER BY amprocnum, amproc::oid::regprocedure::text) FROM pg_amproc WHERE amprocfamily = x.oid`,
    ),
  ]),
  details('pg_publication', [
    rowBut('pubowner'),
    owner('x.pubowner'),
    maybe(
      'of',
      `SELECT string_agg(prrelid::regclass::text, ', ' ORDER BY prrelid::regclass::text)
         FROM pg_publication_rel WHERE prpubid = x.oid`,
    ),
  ]),
  details('pg_ts_config', [
    owner('x.cfgowner'),
    maybe(
      'maps',
      `SELECT string_agg(format('%s %s %s', maptokentype, mapseqno, mapdict::regdictionary), ', '
         ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = x.oid`,
    ),
  ]),
  details('pg_ts_dict', [owner('x.dictowner'), maybe('with', 'x.dictinitoption')]),
];

/** Take the oids of relations that are left out as `$1`. */
export const relationDetails: readonly string[] = [columnOrder, tablespaces, partitionTriggers];

export const objectDetails: readonly string[] = [largeObjects, comments, labels, ...rare];
