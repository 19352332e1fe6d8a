import type { Part } from './draft.js';
import { parts } from './draft.js';
import { keyOf, type ColumnFacts, type TableFacts } from './facts.js';
import { beside } from './names.js';
import { equalOf } from './sync.js';

/** A column that goes to another table, whose rows are found by a key that refers to the first one's. */
export interface Moved {
  table: TableFacts;
  column: ColumnFacts;
  toTable: TableFacts;
  to: string;
  /** Columns of `toTable` that are the primary key of `table`. */
  by: readonly string[];
}

/** With what its functions and triggers are called, on either side. */
export interface Names extends Moved {
  here: string;
  there: string;
}

export function synced(names: Names): Part[] {
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

export const unsynced = ({ table, toTable, here, there }: Names): Part[] =>
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
