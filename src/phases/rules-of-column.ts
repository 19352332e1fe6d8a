import type { ConstraintFacts, Facts, IndexFacts, TableFacts } from './facts.js';
import { parts, type Part } from './draft.js';
import { concurrently, exchange, indexOn, referenceOn } from './exchange.js';
import { nameOf, renamed } from './names.js';

/** NOT NULL in steps of which none reads the table under a strong lock: what is added, checked, and put in its place. */
export interface NotNullSteps {
  add: Part[];
  validate: Part[];
  finish: Part[];
  /** Back to where NULL is allowed. */
  drop: Part[];
  dropFinish: Part[];
  /** All of it, where some of it may have been done already. */
  again: Part[];
}

/** Since 12 a valid CHECK spares SET NOT NULL its scan; since 18 NOT NULL itself can be NOT VALID. */
const PROVEN_SINCE = 12;
const NOT_VALID_SINCE = 18;

/** @param named - the column's name that the constraint has in its own */
export function notNullSteps(postgres: number, table: string, column: string, named = column): NotNullSteps {
  const name = nameOf(table, named, 'not_null');
  const add = (what: string) => parts(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${what} NOT VALID`);
  const validate = parts(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`);
  const loosen = parts(`ALTER TABLE ${table} ALTER COLUMN ${column} DROP NOT NULL`);
  const remove = parts(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}`);
  if (postgres >= NOT_VALID_SINCE)
    return {
      add: add(`NOT NULL ${column}`),
      validate,
      finish: [],
      drop: loosen,
      dropFinish: [],
      again: [...loosen, ...add(`NOT NULL ${column}`), ...validate],
    };
  const check = add(`CHECK (${column} IS NOT NULL)`);
  if (postgres < PROVEN_SINCE)
    return {
      add: check,
      validate,
      finish: [],
      drop: remove,
      dropFinish: [],
      again: [...remove, ...check, ...validate],
    };
  const finish = [
    {
      why: 'the valid CHECK is the proof: no row is read',
      sql: `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL`,
    },
    ...remove,
  ];
  return {
    ...{ add: check, validate, finish, drop: remove },
    again: [...remove, ...check, ...validate, ...finish],
    dropFinish: [...loosen, ...remove, ...check, ...validate],
  };
}

/** An index, a check or a foreign key of the old column, once more on the new one. */
export interface Copied {
  kind: 'index' | 'unique' | 'check' | 'foreign key';
  /** As it is on the old column. */
  from: string;
  /** As it is on the new one. */
  name: string;
  sql: string;
  /** The same on the old column, to make it again. */
  again: string;
}

const validated = (table: string, name: string, definition: string): string =>
  `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition} NOT VALID`;

/** What the old column has and the new one needs, in the order in which it is made. */
export function copiesOf({ taken }: Facts, table: TableFacts, old: string, next: string): Copied[] {
  const has = ({ columns }: { columns: readonly string[] }) => columns.includes(old);
  const indexes = table.indexes.filter(has).filter(({ constraint }) => !isPrimary(table, constraint));
  const checks = table.constraints.filter(has);
  return [
    ...indexes.map((index) => indexCopy(table, index, old, next, taken)),
    ...checks.flatMap((one) => constraintCopy(table, one, old, next, taken)),
  ];
}

const isPrimary = ({ constraints }: TableFacts, name: string | null): boolean =>
  constraints.some((one) => one.kind === 'primary key' && one.name === name);

function indexCopy(
  table: TableFacts,
  { name: from, definition, constraint }: IndexFacts,
  old: string,
  next: string,
  taken: ReadonlySet<string>,
): Copied {
  const name = renamed(from, old, next, taken);
  return {
    ...{ kind: constraint === null ? 'index' : 'unique', from, name },
    sql: concurrently(indexOn(definition, old, next), name, table.name),
    again: concurrently(definition, from, table.name),
  };
}

function constraintCopy(
  table: TableFacts,
  { kind, name: from, definition }: ConstraintFacts,
  old: string,
  next: string,
  taken: ReadonlySet<string>,
): Copied[] {
  if (kind !== 'check' && kind !== 'foreign key') return [];
  const name = renamed(from, old, next, taken);
  const copied = kind === 'check' ? exchange(definition, old, next) : referenceOn(definition, old, next);
  return [
    {
      ...{ kind, from, name },
      sql: validated(table.name, name, copied),
      again: validated(table.name, from, definition),
    },
  ];
}

/** What the old column has, made for the new one. @param oldNow - the old one's name by then */
export const copiesFor = (
  facts: Facts,
  table: TableFacts,
  old: string,
  next: string,
  oldNow: string,
): Copied[] => {
  const again = copiesOf(facts, table, old, oldNow);
  return copiesOf(facts, table, old, next).map((copy, index) => ({
    ...copy,
    again: oldNow === old ? copy.again : againAs(again[index] ?? copy, copy.from),
  }));
};

/** The copy for another name of the column, under the name that the index or constraint has. */
const againAs = ({ name, sql }: Copied, from: string): string =>
  sql
    .replace(`CONCURRENTLY ${name} `, `CONCURRENTLY ${from} `)
    .replace(`CONSTRAINT ${name} `, `CONSTRAINT ${from} `);
