import { constrainNew } from './constrain.js';
import type { Draft, Part, Scaffold } from './draft.js';
import { parts } from './draft.js';
import { exchange } from './exchange.js';
import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { beside, nameOf } from './names.js';
import {
  dropOf,
  expandOf,
  fillingBackOf,
  fillingOf,
  loosenPair,
  proofOf,
  syncOf,
  valueMoved,
} from './pair.js';
import type { Pair } from './pair.js';
import { copiesFor, notNullSteps } from './rules-of-column.js';
import { synced, unsynced, type Computed, type Sync } from './sync.js';

/** What a column of another type is computed by; both of the value under the column's own name. */
export interface Retype {
  table: TableFacts;
  column: ColumnFacts;
  type: string;
  /** Default: the value itself. */
  forth?: string | undefined;
  back?: string | undefined;
}

/** A column that changes its type, before and after both change their names. */
export interface Retyped extends Pair {
  next: string;
  /** After the swap: the new column has the old one's name. */
  swapped: Sync;
}

/** Range of the whole numbers (https://www.postgresql.org/docs/current/datatype-numeric.html). */
const RANGES: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
};
const size = (type: string): number => Object.keys(RANGES).indexOf(type);

/** A number that the narrower type cannot hold is NULL there: whoever writes it must not fail. */
function valueFrom(
  name: string,
  from: string,
  to: string,
  given: string | undefined,
  own: string,
): Omit<Computed, 'column' | 'type'> {
  if (given !== undefined) return { expression: exchange(given, own, name), plain: false };
  const [least, most] = RANGES[to] ?? [];
  if (least === undefined || size(from) <= size(to))
    return { expression: name, plain: size(from) >= 0 && least !== undefined };
  return { expression: `CASE WHEN ${name} BETWEEN ${least} AND ${most} THEN ${name} END`, plain: false };
}

/** @param change - name of the change */
export function retyped(facts: Facts, change: string, { table, column, type, forth, back }: Retype): Retyped {
  const own = column.name;
  const [next, oldNow] = [nameOf(own, 'new'), nameOf(own, 'old')];
  const side = (name: string, of: string, from: string, to: string, given?: string): Computed => ({
    ...{ column: name, type: to },
    ...valueFrom(of, from, to, given, own),
  });
  const named = `${change}_${own}`;
  const sync = (fresh: string, old: string) =>
    syncOf(
      named,
      table.name,
      [side(fresh, old, column.type, type, forth)],
      [side(old, fresh, type, column.type, back)],
    );
  return {
    ...{ facts, table, old: column, oldNow, next },
    sync: sync(next, own),
    swapped: sync(own, oldNow),
    copies: copiesFor(facts, table, own, next, oldNow),
  };
}

/** A column gets another type: under its name, from one moment to the next, without being written anew. */
export function changeType(facts: Facts, change: string, what: Retype): Scaffold {
  const one = retyped(facts, change, what);
  return {
    revisions: [
      expandOf(one.sync, [what.column.comment]),
      ...constrainNew(one),
      swapOf(one),
      ...openOf(one),
      ...loosenPair(afterSwap(one)),
      dropOf(one.swapped, renamesOf(one)),
    ],
    fill: [fillingOf(one.sync)],
    fillBack: [fillingBackOf(one.swapped)],
    notes: swapNotes(one),
  };
}

export const swapNotes = ({ old, table, sync }: Retyped): string[] => [
  `Contract begins with the moment in which ${table.name}.${old.name} has the new type. A statement that gives this column and was prepared before then fails once ("cached plan must not change result type"), unless the code casts it, CAST(${old.name} AS ${sync.news[0]?.type}), or keeps no prepared statements (docs/zero-downtime.md).`,
];

/** NOT NULL of the old column goes by itself, see openOf. */
export const afterSwap = (one: Retyped): Pair => ({
  ...one,
  sync: one.swapped,
  old: { ...one.old, notNull: false },
});

/** Both columns change their names: three words in the catalog, and back as fast. */
const swapOf = (one: Retyped): Draft => {
  const { table, old, oldNow } = one;
  return {
    phase: 'contract',
    does: `swap ${old.name}`,
    up: [
      proofOf(one.sync),
      ...unsynced(one.sync),
      ...renamesForth(one),
      ...valueMoved(table.name, old, oldNow, old.name),
      ...synced(one.swapped),
    ],
    down: [
      ...unsynced(one.swapped),
      ...valueMoved(table.name, old, old.name, oldNow),
      ...renamesBack(one),
      ...synced(one.sync),
    ],
  };
};

export const renamesForth = ({ table: { name }, old, oldNow, next }: Retyped): Part[] =>
  parts(
    `ALTER TABLE ${name} RENAME COLUMN ${old.name} TO ${oldNow}`,
    `ALTER TABLE ${name} RENAME COLUMN ${next} TO ${old.name}`,
  );

export const renamesBack = ({ table: { name }, old, oldNow, next }: Retyped): Part[] =>
  parts(
    `ALTER TABLE ${name} RENAME COLUMN ${old.name} TO ${next}`,
    `ALTER TABLE ${name} RENAME COLUMN ${oldNow} TO ${old.name}`,
  );

/** What the new column is told may not fit the old one, which then has NULL. */
export function openOf({ facts, table, old, oldNow }: Retyped, more: readonly Part[] = []): Draft[] {
  if (!old.notNull) return [];
  return [
    {
      phase: 'contract',
      does: `let ${oldNow} be NULL`,
      up: parts(`ALTER TABLE ${table.name} ALTER COLUMN ${oldNow} DROP NOT NULL`),
      down: [...notNullSteps(facts.postgres, table.name, oldNow, old.name).again, ...more],
      downAlone: true,
    },
  ];
}

/** Indexes and constraints get the names that the old column's had. */
export function renamesOf({ table, copies }: Retyped): { up: Part[]; down: Part[] } {
  const rename = (from: string, to: string, kind: string) =>
    kind === 'index'
      ? `ALTER INDEX ${beside(table.name, from)} RENAME TO ${to}`
      : `ALTER TABLE ${table.name} RENAME CONSTRAINT ${from} TO ${to}`;
  return {
    up: parts(...copies.map(({ kind, name, from }) => rename(name, from, kind))),
    down: parts(...copies.map(({ kind, name, from }) => rename(from, name, kind)).reverse()),
  };
}
