import { bindNew, buildIndex, finishNew } from './constrain.js';
import { locking, parts, type Draft, type Part, type Scaffold } from './draft.js';
import { exchange } from './exchange.js';
import { columnOf, type Facts, type ReferenceFacts } from './facts.js';
import { beside, nameOf } from './names.js';
import { numbersMoved } from './numbers.js';
import { dropOf, expandOf, fillingBackOf, fillingOf, loosenPair, proofOf } from './pair.js';
import {
  afterSwap,
  openOf,
  renamesBack,
  renamesForth,
  renamesOf,
  retyped,
  swapNotes,
  type Retype,
  type Retyped,
} from './retype.js';
import type { Copied } from './rules-of-column.js';
import { synced, unsynced } from './sync.js';

/** A key and the columns that refer to it. */
interface Family {
  root: Retyped;
  /** Name of the primary key's constraint. */
  key: string;
  /** Unique index of the new column, which becomes the primary key's. */
  fresh: string;
  /** The same of the old one, for the way back. */
  spare: string;
  children: readonly Child[];
}

interface Child {
  one: Retyped;
  reference: ReferenceFacts;
  /** Its foreign key on the new columns. */
  copy: Copied;
}

/** A primary key of one column gets another type, and with it every column that refers to it. */
export function changeKeyType(facts: Facts, change: string, what: Retype): Scaffold {
  const family = familyOf(facts, change, what);
  const { root, children } = family;
  const all = [root, ...children.map(({ one }) => one)];
  const freshIndex = `CREATE UNIQUE INDEX CONCURRENTLY ${family.fresh} ON ${root.table.name} (${root.next})`;
  return {
    revisions: [
      ...all.map((one) => expandOf(one.sync, [one.old.comment])),
      buildIndex(root.table.name, family.fresh, freshIndex),
      ...all.flatMap(bindNew),
      ...all.flatMap(finishNew),
      preparedOf(family, freshIndex),
      swapOf(family),
      ...all.flatMap((one) => openOf(one, one === root ? spareOf(family) : [])),
      ...all.flatMap((one) => loosenPair(afterSwap(withoutKeys(one, family)))),
      ...all.map((one) => dropOf(one.swapped, renamesOf(withoutKeys(one, family)))),
    ],
    fill: all.map(({ sync }) => fillingOf(sync)),
    fillBack: all.map(({ swapped }) => fillingBackOf(swapped)),
    notes: swapNotes(root),
  };
}

function familyOf(facts: Facts, change: string, what: Retype): Family {
  const root = retyped(facts, change, what);
  const { table, next, oldNow, old } = root;
  const children = table.referencedBy.flatMap((reference): Child[] => {
    const child = facts.tables.get(reference.table);
    const column = child && columnOf(child, reference.columns[0] ?? '');
    if (!child || !column) return [];
    const one = retyped(facts, change, { table: child, column, type: what.type });
    const copies = one.copies.map((copy) =>
      copy.from === reference.name
        ? {
            ...copy,
            sql: referring(copy.sql, old.name, next),
            again: referring(copy.again, old.name, oldNow),
          }
        : copy,
    );
    const copy = copies.find(({ from }) => from === reference.name);
    return copy ? [{ one: { ...one, copies }, reference, copy }] : [];
  });
  return {
    ...{ root, children },
    key: table.constraints.find(({ kind }) => kind === 'primary key')?.name ?? '',
    fresh: nameOf(table.name, next, 'key'),
    spare: nameOf(table.name, oldNow, 'key'),
  };
}

/** Another column behind REFERENCES. */
const referring = (sql: string, from: string, to: string): string =>
  sql.replace(
    /( REFERENCES [^(]+\()([^)]*)/,
    (_, before: string, columns: string) => before + exchange(columns, from, to),
  );

/** What goes and comes with the swap is not dropped later. */
const withoutKeys = (one: Retyped, { children }: Family): Retyped => ({
  ...one,
  copies: one.copies.filter((copy) =>
    children.every((child) => child.one.table.name !== one.table.name || child.copy.from !== copy.from),
  ),
});

/** Its way back is what the swap's own could only do while nobody can use the tables. */
function preparedOf({ root, fresh, children }: Family, freshIndex: string): Draft {
  const onChild = (child: Child, sql: string) => `ALTER TABLE ${child.one.table.name} ${sql}`;
  return {
    phase: 'contract',
    does: `prove ${root.next}`,
    up: [root, ...children.map(({ one }) => one)].map(({ sync }) => proofOf(sync)),
    down: parts(
      ...children.map((child) => onChild(child, `VALIDATE CONSTRAINT ${child.copy.from}`)),
      ...children.map((child) => onChild(child, `DROP CONSTRAINT IF EXISTS ${child.copy.name}`)),
      `DROP INDEX CONCURRENTLY IF EXISTS ${beside(root.table.name, fresh)}`,
      freshIndex,
      ...children.flatMap((child) => [
        child.copy.sql,
        onChild(child, `VALIDATE CONSTRAINT ${child.copy.name}`),
      ]),
    ),
    downAlone: true,
  };
}

const spareOf = ({ root: { table, oldNow }, spare }: Family): Part[] =>
  parts(
    `DROP INDEX CONCURRENTLY IF EXISTS ${beside(table.name, spare)}`,
    `CREATE UNIQUE INDEX CONCURRENTLY ${spare} ON ${table.name} (${oldNow})`,
  );

/** Columns, key and foreign keys change their names at once: words in the catalog, no row is read. */
function swapOf(family: Family): Draft {
  const { root, key, fresh, spare, children } = family;
  const all = [root, ...children.map(({ one }) => one)];
  const { name } = root.table;
  const onChild = (sql: (child: Child) => string) =>
    parts(...children.map((child) => `ALTER TABLE ${child.one.table.name} ${sql(child)}`));
  const using = (index: string) =>
    parts(`ALTER TABLE ${name} ADD CONSTRAINT ${key} PRIMARY KEY USING INDEX ${index}`);
  const lock = locking(...all.map(({ table }) => table.name));
  const dropKeys = [
    ...onChild(({ copy }) => `DROP CONSTRAINT ${copy.from}`),
    ...parts(`ALTER TABLE ${name} DROP CONSTRAINT ${key}`),
  ];
  return {
    phase: 'contract',
    does: `swap ${root.old.name}`,
    up: [
      lock.up,
      ...all.flatMap(({ sync }) => unsynced(sync)),
      ...dropKeys,
      ...all.flatMap(renamesForth),
      ...using(fresh),
      ...onChild(({ copy }) => `RENAME CONSTRAINT ${copy.name} TO ${copy.from}`),
      ...all.flatMap((one) => numbersMoved(one, true)),
      ...all.flatMap(({ swapped }) => synced(swapped)),
    ],
    down: [
      lock.down,
      ...all.flatMap(({ swapped }) => unsynced(swapped)),
      ...dropKeys,
      ...all.flatMap((one) => numbersMoved(one, false)),
      ...all.flatMap(renamesBack),
      ...using(spare),
      ...onChild(({ copy, reference }) => `ADD CONSTRAINT ${copy.from} ${reference.definition} NOT VALID`),
      ...all.flatMap(({ sync }) => synced(sync)),
    ],
  };
}
