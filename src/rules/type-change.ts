import { sameType, showColumnType } from '../schema/column-type.js';
import type { ColumnType, Schema } from '../schema/model.js';
import { baseOf, isConstrained } from '../schema/resolve.js';
import { keepsEverything, needsNoRewrite } from './type-pairs.js';

/**
 * What changing a column's type costs: `free`: only the catalog changes; `rewrites`: every row is written anew, no
 * value can be lost; `may lose`: values are rounded, cut or refused, or nobody knows.
 */
export type TypeChange = 'free' | 'rewrites' | 'may lose';

const cost: Record<TypeChange, number> = { free: 0, rewrites: 1, 'may lose': 2 };
const worse = (a: TypeChange, b: TypeChange): TypeChange => (cost[a] >= cost[b] ? a : b);

/**
 * As PostgreSQL 11 to 18 do it (measured: the lock matrix).
 *
 * @param through - types that a USING expression casts the column to before, in order
 */
export function typeChange(
  schema: Schema,
  from: ColumnType,
  to: ColumnType,
  through: readonly ColumnType[] = [],
): TypeChange {
  const last = through.at(-1);
  const between = last && sameType(last, to) ? through.slice(0, -1) : through;
  if (between.length > 0 && keepsLabels(schema, from, between, to)) return 'rewrites';
  const steps = [from, ...between, to];
  return steps
    .slice(1)
    .map((next, at) => oneChange(schema, steps[at] ?? from, next))
    .reduce(worse, 'free');
}

function oneChange(schema: Schema, from: ColumnType, to: ColumnType): TypeChange {
  if (sameType(from, to)) return 'free';
  if (from.isArray !== to.isArray)
    return from.isArray && isText(to) && to.sizes.length === 0 ? 'rewrites' : 'may lose';
  const inner = scalarChange(schema, { ...from, isArray: false }, { ...to, isArray: false });
  // The elements of an array are converted one by one, be it to the same bytes; only a length may go.
  const losesSize = from.name === to.name && to.sizes.length === 0;
  return to.isArray && !losesSize ? worse(inner, 'rewrites') : inner;
}

function scalarChange(schema: Schema, from: ColumnType, to: ColumnType): TypeChange {
  const [old, next] = [baseOf(schema, from), baseOf(schema, to)];
  const checked: TypeChange = isConstrained(schema, to) && from.name !== to.name ? 'rewrites' : 'free';
  if (old.isArray || next.isArray) return sameType(old, next) ? checked : 'may lose';
  return worse(checked, baseChange(schema, old, next));
}

function baseChange(schema: Schema, from: ColumnType, to: ColumnType): TypeChange {
  if (sameType(from, to) || needsNoRewrite(schema, from, to)) return 'free';
  const labels = schema.types.get(from.name)?.labels ?? [];
  const fits = to.sizes[0] === undefined || labels.every((label) => label.length <= (to.sizes[0] ?? 0));
  if (labels.length > 0 && isText(to) && fits) return 'rewrites';
  return keepsEverything(schema, from, to) ? 'rewrites' : 'may lose';
}

const isText = ({ name, isArray }: ColumnType): boolean =>
  !isArray && (name === 'text' || name === 'varchar');

/** An enum by way of text to another one that has all of its labels. */
function keepsLabels(
  schema: Schema,
  from: ColumnType,
  through: readonly ColumnType[],
  to: ColumnType,
): boolean {
  const [old, next] = [schema.types.get(from.name), schema.types.get(to.name)];
  if (
    old?.kind !== 'enum' ||
    next?.kind !== 'enum' ||
    !through.every((type) => isText(type) && !type.sizes.length)
  )
    return false;
  return from.isArray === to.isArray && old.labels.every((label) => next.labels.includes(label));
}

export const shownChange = (from: ColumnType, to: ColumnType): string =>
  `${showColumnType(from)} → ${showColumnType(to)}`;
