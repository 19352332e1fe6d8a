import { inCatalog } from '../domain/sql-name.js';
import { beside, ofChange } from './names.js';
import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { keyNow, written } from './filled.js';
import { alone, parts, type Draft, type Filling, type Part } from './draft.js';
import { notNullSteps, type Copied } from './rules-of-column.js';
import { differs, proof, synced, unsynced, valueOf, type Computed, type Sync } from './sync.js';

/** One old column and the new one that takes its place, as they are called at the time. */
export interface Pair {
  facts: Facts;
  table: TableFacts;
  /** As the catalog has it, under its name of now. */
  old: ColumnFacts;
  /** Its name by the time of contract. */
  oldNow: string;
  sync: Sync;
  copies: readonly Copied[];
}

export const syncOf = (
  change: string,
  table: string,
  news: readonly Computed[],
  olds: readonly Computed[],
): Sync => ({ table, name: ofChange(change, table), news, olds });

/**
 * Rows whose sides do not say the same, neither one way nor the other: what the one side cannot hold, or not as the other
 * one writes it, is no difference.
 */
const outOfStep = ({ news, olds }: Sync): string =>
  [...news, ...olds].every(({ plain }) => plain)
    ? differs(news)
    : `(${differs(news)}) AND (${differs(olds)})`;

export const fillingOf = (sync: Sync): Filling => ({
  table: sync.table,
  set: Object.fromEntries(sync.news.map((one) => [inCatalog(one.column), valueOf(one)])),
  where: outOfStep(sync),
  verify: `NOT (${outOfStep(sync)})`,
});

export const fillingBackOf = (sync: Sync): Filling =>
  fillingOf({ ...sync, news: sync.olds, olds: sync.news });

/** Both sides say the same of every row. */
export const proofOf = (sync: Sync): Part => {
  const { table, news, olds } = sync;
  return proof(
    table,
    outOfStep(sync),
    `rows of ${table} whose ${names(news)} is not what ${names(olds)} says: do the backfill first`,
  );
};

const names = (computed: readonly Computed[]): string => computed.map(({ column }) => column).join(', ');

/** Adds the new columns and keeps both sides in step from then on, in one transaction. */
export function expandOf(sync: Sync, comments: readonly (string | null)[]): Draft {
  const { table, news, olds } = sync;
  const add = news.map(({ column, type }) => `ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
  const comment = news.flatMap(({ column }, index) => {
    const text = comments[index];
    return text ? [`COMMENT ON COLUMN ${table}.${column} IS '${text.replaceAll("'", "''")}'`] : [];
  });
  return {
    phase: 'expand',
    does: `add ${names(news)} in step with ${names(olds)}`,
    up: [...parts(...add, ...comment), ...synced(sync)],
    down: [
      ...unsynced(sync),
      ...parts(...news.map(({ column }) => `ALTER TABLE ${table} DROP COLUMN ${column}`)),
    ],
  };
}

/** What goes before a column goes. */
export interface Loosened {
  facts: Facts;
  table: TableFacts;
  copies: readonly Copied[];
  /** Columns that may be NULL from then on. */
  notNulls: readonly string[];
  does: string;
  /** Nothing is lost. */
  prove: readonly Part[];
  /** Its values again, on the way back. */
  fill: readonly Part[];
}

/** Of a pair, under the names that hold by then. */
export const loosenPair = ({ facts, table, old, oldNow, sync, copies }: Pair): Draft[] =>
  loosenOf({
    ...{ facts, table, copies, does: `prove that ${oldNow} holds nothing of its own` },
    notNulls: old.notNull ? [oldNow] : [],
    prove: [proofOf(sync)],
    fill: fillBack(table, sync),
  });

/** The old column's own indexes, checks and NOT NULL go before it, so that each comes back by itself. */
export function loosenOf({ facts, table, copies, notNulls, does, prove, fill }: Loosened): Draft[] {
  const others = copies.filter(({ kind }) => kind !== 'index');
  const loosen = others.map(({ from }) => `ALTER TABLE ${table.name} DROP CONSTRAINT IF EXISTS ${from}`);
  const open = notNulls.map((column) => `ALTER TABLE ${table.name} ALTER COLUMN ${column} DROP NOT NULL`);
  const up = [...prove, ...parts(...loosen, ...open)];
  const down = [
    ...fill,
    ...others.flatMap((one) => againOf(table.name, one)),
    ...notNulls.flatMap((column) => notNullSteps(facts.postgres, table.name, column).again),
  ];
  return [
    ...copies.filter(({ kind }) => kind === 'index').map((one) => dropIndex(table.name, one)),
    ...(up.length
      ? [
          {
            ...{ phase: 'contract' as const, does, up, down },
            upAlone: true as const,
            downAlone: true as const,
          },
        ]
      : []),
  ];
}

const dropIndex = (table: string, { from, again }: Copied): Draft =>
  alone(
    'contract',
    `drop ${from}`,
    parts(`DROP INDEX CONCURRENTLY IF EXISTS ${beside(table, from)}`),
    parts(again),
  );

/** The triggers are there: a backfill may do it before, throttled, and then this finds nothing. */
export function fillBack(table: TableFacts, sync: Sync): Part[] {
  const { olds, news } = sync;
  const same = olds.length === 1 && olds[0]!.plain ? news[0]!.column : undefined;
  const [first, ...others] = written({
    table: sync.table,
    key: keyNow(table, (name) => (olds.some(({ column }) => column === name) ? same : name)),
    set: olds.map((one) => `${one.column} = ${valueOf(one)}`).join(', '),
    where: fillingBackOf(sync).where,
  });
  const throttled =
    'to be throttled: stop above this revision, do the backfill of the .back.yaml, then go on';
  return [{ ...first!, why: `${first!.why}\n${throttled}` }, ...others];
}

function againOf(table: string, { kind, from, again }: Copied): Part[] {
  if (kind === 'unique')
    return parts(
      `DROP INDEX CONCURRENTLY IF EXISTS ${beside(table, from)}`,
      again,
      `ALTER TABLE ${table} ADD CONSTRAINT ${from} UNIQUE USING INDEX ${from}`,
    );
  return parts(
    `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${from}`,
    again,
    `ALTER TABLE ${table} VALIDATE CONSTRAINT ${from}`,
  );
}

/** Takes the default and the sequence of one column over to another. */
export function valueMoved(table: string, column: ColumnFacts, from: string, to: string): Part[] {
  if (column.default === null) return [];
  const owned = column.sequence ? [`ALTER SEQUENCE ${column.sequence} OWNED BY ${table}.${to}`] : [];
  return parts(
    ...owned,
    `ALTER TABLE ${table} ALTER COLUMN ${to} SET DEFAULT ${column.default}`,
    `ALTER TABLE ${table} ALTER COLUMN ${from} DROP DEFAULT`,
  );
}

/** The triggers and the old columns go, in one transaction: no write falls between. */
export function dropOf(sync: Sync, more: { up: readonly Part[]; down: readonly Part[] }): Draft {
  const { table, olds } = sync;
  return {
    phase: 'contract',
    does: `drop ${names(olds)}`,
    up: [
      ...more.up,
      ...unsynced(sync),
      ...parts(...olds.map(({ column }) => `ALTER TABLE ${table} DROP COLUMN ${column}`)),
    ],
    down: [
      ...parts(...olds.map(({ column, type }) => `ALTER TABLE ${table} ADD COLUMN ${column} ${type}`)),
      ...synced(sync),
      ...more.down,
    ],
  };
}
