import type { TypeName } from '../sql/ast.js';
import { readAll } from '../sql/ast.js';
import { isSerial, sizesOf, typeName } from '../sql/types.js';
import type { ColumnType, Schema } from './model.js';
import { typeNamed } from './resolve.js';

/** The types in pg_catalog that a column may have. They are found before those of the search path. */
const builtIn = new Set(
  `bool bytea char name int8 int2 int4 regproc text oid tid xid xid8 cid json jsonb jsonpath xml point lseg
  path box polygon line circle float4 float8 money macaddr macaddr8 inet cidr bpchar varchar date time
  timestamp timestamptz interval timetz bit varbit numeric refcursor regprocedure regoper regoperator
  regclass regtype regrole regnamespace regcollation regconfig regdictionary uuid pg_lsn tsvector tsquery
  gtsvector int4range numrange tsrange tstzrange daterange int8range int4multirange nummultirange
  tsmultirange tstzmultirange datemultirange int8multirange oidvector int2vector record trigger void
  event_trigger aclitem pg_snapshot txid_snapshot`.split(/\s+/),
);

export const isBuiltIn = (name: string): boolean => builtIn.has(name);

const serials: Record<string, 'int2' | 'int4' | 'int8'> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
};

/** @returns the type of the counter that `serial` and its kin stand for */
export const serialType = (type: TypeName | undefined): 'int2' | 'int4' | 'int8' | undefined =>
  isSerial(type) ? serials[typeName(type)] : undefined;

/** @returns the type as the catalog has it; a name that is not known stays as it was written */
export function columnTypeOf(schema: Schema, type: TypeName | undefined): ColumnType {
  const serial = serialType(type);
  if (serial) return { name: serial, sizes: [], isArray: false };
  const written = typeName(type);
  const isCatalog = readAll(type?.names, 'String')[0]?.sval === 'pg_catalog';
  const own = isCatalog || isBuiltIn(written);
  const name = own ? written : (typeNamed(schema, written)?.key ?? written);
  return { name, sizes: sizesAs(name, sizesOf(type)), isArray: (type?.arrayBounds?.length ?? 0) > 0 };
}

const ALL_FIELDS = 0x7fff;
const MOST_DIGITS = 6;

function sizesAs(name: string, sizes: readonly number[]): number[] {
  const [first, second] = sizes;
  if (name === 'numeric' && first !== undefined) return [first, second ?? 0];
  // The grammar puts the mask of the fields first.
  if (name === 'interval' && first !== undefined)
    return first === ALL_FIELDS
      ? second === undefined
        ? []
        : [second]
      : [second ?? MOST_DIGITS, first];
  return [...sizes];
}

export const sameType = (a: ColumnType, b: ColumnType): boolean =>
  a.name === b.name && a.isArray === b.isArray && a.sizes.join() === b.sizes.join();

/** As people write it: `numeric(12,2)`, `varchar(40)[]`. */
export const showColumnType = ({ name, sizes, isArray }: ColumnType): string => {
  const shown = name === 'interval' ? sizes.slice(0, 1) : sizes;
  return `${name}${shown.length > 0 ? `(${shown.join(',')})` : ''}${isArray ? '[]' : ''}`;
};
