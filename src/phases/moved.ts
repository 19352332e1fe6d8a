import { inCatalog } from '../domain/sql-name.js';
import type { Draft, Part, Scaffold } from './draft.js';
import { locking, parts } from './draft.js';
import { keyOf, type ColumnFacts, type Facts, type TableFacts } from './facts.js';
import { beside, ofChange } from './names.js';
import { loosenOf } from './pair.js';
import { copiesOf } from './rules-of-column.js';
import { equalOf, proof } from './sync.js';

/** A column that goes to another table, whose rows are found by a key that refers to the first one's. */
export interface Moved {
  table: TableFacts;
  column: ColumnFacts;
  toTable: TableFacts;
  to: string;
  /** Columns of `toTable` that are the primary key of `table`. */
  by: readonly string[];
}

interface Names extends Moved {
  here: string;
  there: string;
}

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
        fill: [fillHere(moved)],
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

/** Written again where it is: an UPDATE that reads it from there would write it as it was when that began. */
const fillHere = ({ table, column, toTable, to, by }: Moved): Part => {
  const joined = keyOf(table).map((key, index) => `kept.${key} = moved.${by[index]}`);
  const value = (name: string) => equalOf(column.type, name);
  return {
    why: 'all rows at once: the trigger carries each over',
    sql: `UPDATE ${toTable.name} AS moved SET ${to} = moved.${to} WHERE ${value(`moved.${to}`)} IS DISTINCT FROM (SELECT ${value(`kept.${column.name}`)} FROM ${table.name} AS kept WHERE ${joined.join(' AND ')})`,
  };
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

function synced(names: Names): Part[] {
  const { table, column, toTable, to, by, here, there } = names;
  const [fnHere, fnThere] = [`${beside(table.name, here)}()`, `${beside(toTable.name, there)}()`];
  return [
    {
      why: `what is written to ${table.name}.${column.name} is written to ${toTable.name}, too`,
      sql: `CREATE FUNCTION ${fnHere} RETURNS trigger LANGUAGE plpgsql AS $$${bodyHere(names)}$$`,
    },
    {
      why: 'and the other way; only where it differs: so the one does not call the other again',
      sql: `CREATE FUNCTION ${fnThere} RETURNS trigger LANGUAGE plpgsql AS $$${bodyThere(names)}$$`,
    },
    ...parts(
      `CREATE TRIGGER ${here} AFTER INSERT OR UPDATE OF ${column.name} ON ${table.name} FOR EACH ROW EXECUTE FUNCTION ${fnHere}`,
      `CREATE TRIGGER ${there} AFTER INSERT OR UPDATE OF ${[to, ...by].join(', ')} OR DELETE ON ${toTable.name} FOR EACH ROW EXECUTE FUNCTION ${fnThere}`,
    ),
  ];
}

const unsynced = ({ table, toTable, here, there }: Names): Part[] =>
  parts(
    `DROP TRIGGER ${here} ON ${table.name}`,
    `DROP TRIGGER ${there} ON ${toTable.name}`,
    `DROP FUNCTION ${beside(table.name, here)}()`,
    `DROP FUNCTION ${beside(toTable.name, there)}()`,
  );

function bodyHere({ table, column, toTable, to, by }: Names): string {
  const key = keyOf(table);
  const joined = by.map((name, index) => `kept.${name} = NEW.${key[index]}`).join(' AND ');
  const value = (name: string) => equalOf(column.type, name);
  return `
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.${column.name} IS NULL THEN
        UPDATE ${toTable.name} AS kept SET ${to} = NULL WHERE ${joined} AND kept.${to} IS NOT NULL;
    ELSIF NEW.${column.name} IS NOT NULL THEN
        INSERT INTO ${toTable.name} AS kept (${[...by, to].join(', ')})
            VALUES (${[...key, column.name].map((name) => `NEW.${name}`).join(', ')})
            ON CONFLICT (${by.join(', ')}) DO UPDATE SET ${to} = excluded.${to}
            WHERE ${value(`kept.${to}`)} IS DISTINCT FROM ${value(`excluded.${to}`)};
    END IF;
    RETURN NULL;
END
`;
}

/** What is not given, or not filled yet, takes nothing away from the first table. */
function bodyThere({ table, column: { name, type }, toTable, by, to }: Names): string {
  const key = keyOf(table);
  const row = (side: string) => key.map((own, index) => `kept.${own} = ${side}.${by[index]}`).join(' AND ');
  const same = by.map((own) => `there.${own} = NEW.${own}`).join(' AND ');
  const moved = by.map((own) => `OLD.${own} IS DISTINCT FROM NEW.${own}`).join(' OR ');
  const value = (text: string) => equalOf(type, text);
  return `
BEGIN
    IF TG_OP = 'INSERT' AND NEW.${to} IS NULL THEN  -- not given
        UPDATE ${toTable.name} AS there SET ${to} = kept.${name} FROM ${table.name} AS kept
            WHERE ${same} AND ${row('NEW')} AND kept.${name} IS NOT NULL;
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND (${moved}) AND NOT EXISTS (SELECT FROM ${table.name} AS kept WHERE ${row('OLD')}) THEN
        RETURN NULL;  -- the key itself has changed, and this row went along
    END IF;
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND (${moved}) THEN
        UPDATE ${table.name} AS kept SET ${name} = NULL
            WHERE ${row('OLD')} AND kept.${name} IS NOT NULL AND ${value(`kept.${name}`)} IS NOT DISTINCT FROM ${value(`OLD.${to}`)};
    END IF;
    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NOT (NEW.${to} IS NULL AND (${moved})) THEN
        UPDATE ${table.name} AS kept SET ${name} = NEW.${to}
            WHERE ${row('NEW')} AND ${value(`kept.${name}`)} IS DISTINCT FROM ${value(`NEW.${to}`)};
    END IF;
    RETURN NULL;
END
`;
}
