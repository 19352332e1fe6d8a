import { inCatalog } from '../domain/sql-name.js';
import type { Draft, Part, Scaffold } from './draft.js';
import { locking, parts } from './draft.js';
import { keyOf, type Facts } from './facts.js';
import { written } from './filled.js';
import { synced, unsynced, type Moved, type Names } from './moved-triggers.js';
import { ofChange } from './names.js';
import { loosenOf } from './pair.js';
import { copiesOf } from './rules-of-column.js';
import { equalOf, proof } from './sync.js';

/** The triggers change another row, and only where it differs: so the one does not call the other again. */
export function moveColumn(facts: Facts, change: string, moved: Moved): Scaffold {
  const { table, column, toTable, to } = moved;
  const names = {
    ...moved,
    here: ofChange(change, table.name),
    there: ofChange(change, toTable.name),
  };
  const copies = copiesOf(facts, table, column.name, column.name);
  const differs = differsThere(moved);
  return {
    revisions: [
      expandOf(names),
      ...loosenOf({
        ...{ facts, table, copies, notNulls: [], does: `prove that ${column.name} holds nothing of its own` },
        prove: [proofOf(moved)],
        fill: fillHere(moved),
      }),
      dropOf(names),
    ],
    // Writing a value again, as it is, has the trigger carry it over.
    fill: [
      {
        table: table.name,
        set: { [inCatalog(column.name)]: column.name },
        where: differs,
        verify: `NOT (${differs})`,
      },
    ],
    fillBack: [],
    notes: [
      `A row of ${toTable.name} is made by the trigger where ${table.name}.${column.name} is written: insert there with ON CONFLICT (${moved.by.join(', ')}) DO UPDATE.`,
      `Whoever writes ${table.name}.${column.name} or ${toTable.name}.${to} needs the right to write the other one.`,
      ...copies.map(
        ({ kind, from }) => `The ${kind} ${from} goes with ${column.name}: write what ${to} needs.`,
      ),
    ],
  };
}

/** Of a row of the first table. */
const differsThere = ({ table, column, toTable, to, by }: Moved): string => {
  const joined = keyOf(table).map((key, index) => `moved.${by[index]} = ${table.name}.${key}`);
  const value = (name: string) => equalOf(column.type, name);
  return `${value(`${table.name}.${column.name}`)} IS DISTINCT FROM (SELECT ${value(`moved.${to}`)} FROM ${toTable.name} AS moved WHERE ${joined.join(' AND ')})`;
};

const proofOf = (moved: Moved): Part => {
  const { table, column, toTable, to } = moved;
  const message = `rows of ${table.name} whose ${column.name} is not in ${toTable.name}.${to}: do the backfill first`;
  return proof(table.name, differsThere(moved), message);
};

/**
 * Written again where it is: an UPDATE that reads it from there would write it as it was when that began. The trigger
 * carries each over.
 */
const fillHere = ({ table, column, toTable, to, by }: Moved): Part[] => {
  const joined = keyOf(table).map((key, index) => `kept.${key} = moved.${by[index]}`);
  const value = (name: string) => equalOf(column.type, name);
  return written({
    ...{ table: toTable.name, as: 'moved', key: by, set: `${to} = moved.${to}` },
    where: `${value(`moved.${to}`)} IS DISTINCT FROM (SELECT ${value(`kept.${column.name}`)} FROM ${table.name} AS kept WHERE ${joined.join(' AND ')})`,
  });
};

const locked = ({ table, toTable }: Names) => locking(table.name, toTable.name);
const expandOf = (names: Names): Draft => ({
  phase: 'expand',
  does: `add ${names.to} in step with ${names.column.name}`,
  up: [
    locked(names).up,
    ...parts(`ALTER TABLE ${names.toTable.name} ADD COLUMN ${names.to} ${names.column.type}`),
    ...synced(names),
  ],
  down: [
    locked(names).down,
    ...unsynced(names),
    ...parts(`ALTER TABLE ${names.toTable.name} DROP COLUMN ${names.to}`),
  ],
});

const dropOf = (names: Names): Draft => ({
  phase: 'contract',
  does: `drop ${names.column.name}`,
  up: [
    locked(names).up,
    ...unsynced(names),
    ...parts(`ALTER TABLE ${names.table.name} DROP COLUMN ${names.column.name}`),
  ],
  down: [
    locked(names).down,
    ...parts(
      `ALTER TABLE ${names.table.name} ADD COLUMN ${names.column.name} ${names.column.type}`,
      ...(names.column.default === null
        ? []
        : [
            `ALTER TABLE ${names.table.name} ALTER COLUMN ${names.column.name} SET DEFAULT ${names.column.default}`,
          ]),
    ),
    ...synced(names),
  ],
});
