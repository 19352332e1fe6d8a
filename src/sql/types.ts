import type { TypeName } from '@pgsql/types';
import { dotted, read, readAll } from './ast.js';
import { kept } from './kept.js';

/** Types of PostgreSQL and of common extensions: none of them is a domain with a condition. */
const known = new Set(
  `bool boolean int2 int4 int8 smallint integer bigint float4 float8 real numeric decimal money text
  varchar bpchar char name bytea uuid json jsonb jsonpath xml date time timetz timestamp timestamptz
  interval inet cidr macaddr macaddr8 bit varbit point line lseg box path polygon circle tsvector
  tsquery oid regclass regtype regproc int4range int8range numrange tsrange tstzrange daterange
  int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange pg_lsn citext
  xid8 pg_snapshot txid_snapshot regprocedure regoper regoperator regconfig regdictionary regnamespace regrole
  regcollation aclitem refcursor tid cid xid hstore ltree vector halfvec sparsevec geometry geography cube`.split(
    /\s+/,
  ),
);
const counting = new Set(['serial', 'serial2', 'serial4', 'serial8', 'bigserial', 'smallserial']);

/** `text`, `varchar`, `int4`, `sales.money`: as PostgreSQL names it, arrays by their element. */
export const typeName = kept((type: TypeName | undefined): string => {
  const name = dotted(type?.names);
  return name.startsWith('pg_catalog.') ? name.slice('pg_catalog.'.length) : name;
});

/** Whether it is one of the types that bring a sequence of their own. */
export const isSerial = (type: TypeName | undefined): boolean => counting.has(typeName(type));

/** Whether it is known not to be a domain. Arrays of domains are checked on use, not on adding a column. */
export const isKnownType = (type: TypeName | undefined): boolean =>
  known.has(typeName(type)) || isSerial(type) || (type?.arrayBounds?.length ?? 0) > 0;

/** The numbers in brackets: precision, scale, length. */
export const sizesOf = (type: TypeName | undefined): number[] =>
  readAll(type?.typmods, 'A_Const').map((value) => value.ival?.ival ?? 0);

/** The type as people write it: `numeric(12,2)`, `varchar(40)`, `text[]`. */
export function showType(type: TypeName | undefined): string {
  const sizes = typeName(type) === 'interval' ? [] : sizesOf(type);
  const array = (type?.arrayBounds ?? []).map((bound) => (read(bound, 'Integer') ? '[]' : '')).join('');
  return `${typeName(type)}${sizes.length > 0 ? `(${sizes.join(',')})` : ''}${array}`;
}
