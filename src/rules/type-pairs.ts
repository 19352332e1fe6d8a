import type { ColumnType, Schema } from '../schema/model.js';

/** Types with a length or precision that may grow without a look at the rows: all digits is the default of some. */
const growing: Record<string, number | undefined> = {
  varchar: Infinity,
  varbit: Infinity,
  timestamp: 6,
  timestamptz: 6,
  time: 6,
  timetz: 6,
  interval: 6,
};

const size = ({ name, sizes }: ColumnType): number => sizes[0] ?? growing[name] ?? Infinity;
const isUtc = (zone: string | undefined): boolean =>
  /^(Etc\/)?(UTC|UCT|GMT|GMT[+-]?0|Greenwich|Universal|Zulu|Etc\/GMT0)$/i.test(zone ?? '');

/** Casts to types with the same bytes. */
const sameBytes = new Set(['varchar text', 'text varchar', 'cidr inet']);

/** Whether PostgreSQL changes only the catalog. Both are types of PostgreSQL, no arrays, no domains. */
export function needsNoRewrite(schema: Schema, from: ColumnType, to: ColumnType): boolean {
  const pair = `${from.name} ${to.name}`;
  if (from.name === to.name) return isWider(from, to);
  if (sameBytes.has(pair)) return to.sizes.length === 0;
  if (pair === 'timestamp timestamptz' || pair === 'timestamptz timestamp')
    return isUtc(schema.timeZone) && (schema.postgres ?? 0) >= 12 && to.sizes.length === 0;
  return false;
}

function isWider(from: ColumnType, to: ColumnType): boolean {
  if (from.name === 'numeric') return isWiderNumeric(from, to);
  // The second size of an interval is the mask of its fields.
  if (from.name === 'interval' && from.sizes[1] !== to.sizes[1])
    return to.sizes[1] === undefined && (to.sizes.length === 0 || !hasSeconds(from));
  return growing[from.name] !== undefined && size(to) >= size(from);
}

const SECONDS = 1 << 12;
const hasSeconds = ({ sizes: [, mask = SECONDS] }: ColumnType): boolean => (mask & SECONDS) !== 0;

function isWiderNumeric({ sizes: [digits, scale] }: ColumnType, to: ColumnType): boolean {
  if (to.sizes.length === 0) return true;
  return digits !== undefined && scale === to.sizes[1] && (to.sizes[0] ?? 0) >= digits;
}

/** Digits before the point that a whole number may have. */
const digitsOf: Record<string, number> = { int2: 5, int4: 10, int8: 19 };

/** Casts that keep every value, whatever it is; the sizes of the target aside. */
const keeping = new Set(
  `int2 int4, int2 int8, int4 int8, int2 float4, int2 float8, int4 float8, float4 float8, bool int4,
  date timestamp, date timestamptz, timestamp timestamptz, json jsonb, jsonb json, char text, inet text,
  macaddr macaddr8`.split(/,\s+/),
);

/** Types whose text says all of them. */
const told = new Set(
  `bool int2 int4 int8 numeric float4 float8 uuid date time timetz timestamp timestamptz interval inet cidr
  macaddr macaddr8 json jsonb xml bit varbit name oid`.split(/\s+/),
);

/** Whether no value can be lost or refused, though all are written anew. */
export function keepsEverything(schema: Schema, from: ColumnType, to: ColumnType): boolean {
  if (to.name === 'numeric') return fitsNumeric(from, to);
  if (from.name === to.name) return from.name === 'bpchar' && size(to) >= size(from);
  const isText = to.name === 'text' || to.name === 'varchar';
  if (isText && from.name === 'bpchar') return size(to) >= size(from);
  if (isText && told.has(from.name)) return to.sizes.length === 0;
  if (to.name === 'timestamp' && from.name === 'timestamptz')
    return isUtc(schema.timeZone) && size(to) >= size(from);
  return keeping.has(`${from.name} ${to.name}`) && (to.sizes.length === 0 || from.name === 'date');
}

function fitsNumeric(from: ColumnType, { sizes: [digits, scale = 0] }: ColumnType): boolean {
  const whole = digitsOf[from.name];
  if (digits === undefined) return whole !== undefined;
  if (whole !== undefined) return digits - scale >= whole && scale >= 0;
  const [had, fraction = 0] = from.sizes;
  return (
    from.name === 'numeric' && had !== undefined && scale >= fraction && digits - scale >= had - fraction
  );
}
