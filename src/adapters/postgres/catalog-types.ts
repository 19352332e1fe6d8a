import { identifier } from '../../domain/sql-name.js';
import type { ColumnType, UserType } from '../../schema/model.js';
import type { TypeRow } from './catalog-rows.js';

/** `schema.name`, each quoted where SQL needs it. */
export const keyOf = (place: string, name: string): string => `${identifier(place)}.${identifier(name)}`;

const HEADER = 4;
const ALL_FIELDS = 0x7fff;
const NO_PRECISION = 0xffff;
const MOST_DIGITS = 6;

/** What stands in brackets behind a type, from the number in which PostgreSQL keeps it. */
function sizesOf(name: string, code: number): number[] {
  if (code < 0) return [];
  switch (name) {
    case 'varchar':
    case 'bpchar':
      return [code - HEADER];
    case 'numeric': {
      const packed = code - HEADER;
      // The scale has 11 bits and a sign since version 15; before, it was never above 1000.
      return [(packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 0x400) - 0x400];
    }
    case 'interval': {
      const precision = code & 0xffff;
      const fields = (code >> 16) & ALL_FIELDS;
      const digits = precision === NO_PRECISION ? undefined : precision;
      if (fields !== ALL_FIELDS) return [digits ?? MOST_DIGITS, fields];
      return digits === undefined ? [] : [digits];
    }
    default:
      return [code];
  }
}

/** Names of types by oid. */
export class TypeNames {
  private readonly byOid: Map<number, TypeRow>;

  constructor(types: readonly TypeRow[]) {
    this.byOid = new Map(types.map((type) => [type.oid, type]));
  }

  of(oid: number, code: number): ColumnType {
    const type = this.byOid.get(oid);
    const element = type?.isArray && type.element ? this.byOid.get(type.element) : undefined;
    const named = element ?? type;
    const name = this.name(named);
    return { name, sizes: sizesOf(name, code), isArray: element !== undefined };
  }

  key(oid: number | null): string | undefined {
    const type = oid === null ? undefined : this.byOid.get(oid);
    return type && this.name(type);
  }

  private name(type: TypeRow | undefined): string {
    if (!type) return '';
    return type.place === 'pg_catalog' ? identifier(type.name) : keyOf(type.place, type.name);
  }
}

const kinds: Record<string, UserType['kind']> = {
  e: 'enum',
  d: 'domain',
  c: 'composite',
  r: 'range',
  b: 'base',
};

/** Those that somebody made: no row types of tables, no arrays, no multiranges. */
export function userTypes(rows: readonly TypeRow[], names: TypeNames): Map<string, UserType> {
  const types = new Map<string, UserType>();
  for (const row of rows) {
    const kind = kinds[row.kind];
    if (!kind || !row.own || !row.alone || row.isArray) continue;
    const key = keyOf(row.place, row.name);
    types.set(key, {
      ...{ key, kind, isNew: false, labels: row.labels ?? [], uncommittedLabels: [] },
      ...(kind === 'domain' && row.base !== null ? domain(row, names.of(row.base, row.sizes)) : {}),
    });
  }
  return types;
}

const domain = ({ notNull, checks, default: value }: TypeRow, base: ColumnType) => ({
  base,
  notNull,
  checks: (checks ?? []).map(identifier),
  ...(value === null ? {} : { default: value }),
});
