import { parts, type Draft, type Part, type Scaffold } from './draft.js';
import { keyOf, type ColumnFacts, type Facts, type TableFacts } from './facts.js';
import { written } from './filled.js';
import { concurrently } from './exchange.js';
import { localOf } from '../domain/sql-name.js';
import { loosenOf } from './pair.js';
import { copiesOf, notNullSteps } from './rules-of-column.js';
import { proof } from './sync.js';

/** What people are told of the way back of a drop. */
const EMPTY = 'empty: its values are in the keepsake or backup of the run that dropped it';

/** A column that no release uses any more. Until then it may be left out of an INSERT. */
export function dropColumn(
  facts: Facts,
  { table, column }: { table: TableFacts; column: ColumnFacts },
): Scaffold {
  const { name, type, notNull } = column;
  const alter = `ALTER TABLE ${table.name} ALTER COLUMN ${name}`;
  return {
    revisions: [
      ...(notNull ? [openOf(facts, table, column)] : []),
      ...loosenOf({
        ...{ facts, table, copies: copiesOf(facts, table, name, name), does: `constraints of ${name}` },
        ...{ notNulls: [], prove: [], fill: [] },
      }),
      {
        phase: 'contract',
        does: `drop ${name}`,
        up: parts(`ALTER TABLE ${table.name} DROP COLUMN ${name}`),
        down: [
          ...parts(...sequencesMade([column])),
          { why: EMPTY, sql: `ALTER TABLE ${table.name} ADD COLUMN ${name} ${type}` },
          ...(column.default === null ? [] : parts(`${alter} SET DEFAULT ${column.default}`)),
          ...parts(...sequencesOwned(table.name, [column])),
        ],
      },
    ],
    ...{ fill: [], fillBack: [] },
    notes: ['Going back from contract brings the column back without its values.'],
  };
}

/** Lets a column be NULL, and back: its values are gone by then. */
function openOf(facts: Facts, whole: TableFacts, column: ColumnFacts): Draft {
  const [{ name: table }, { name }] = [whole, column];
  return {
    phase: column.default === null ? 'expand' : 'contract',
    does: `let ${name} be left out`,
    up: parts(`ALTER TABLE ${table} ALTER COLUMN ${name} DROP NOT NULL`),
    down: [
      ...(column.default === null
        ? [proof(table, `${name} IS NULL`, `rows of ${table} whose ${name} is NULL: give them a value first`)]
        : written({
            table,
            key: keyOf(whole),
            set: `${name} = DEFAULT`,
            where: `${name} IS NULL`,
          })),
      ...notNullSteps(facts.postgres, table, name).again,
    ],
    downAlone: true,
  };
}

/** Its foreign keys go one by one before it: each locks the table that it refers to. */
export function dropTable(_: Facts, { table }: { table: TableFacts }): Scaffold {
  const keys = table.constraints.filter(({ kind }) => kind === 'foreign key');
  return {
    revisions: [
      ...keys.map(({ name, definition }): Draft => ({
        phase: 'contract',
        does: `drop ${name}`,
        up: parts(`ALTER TABLE ${table.name} DROP CONSTRAINT ${name}`),
        down: parts(
          `ALTER TABLE ${table.name} ADD CONSTRAINT ${name} ${definition} NOT VALID`,
          `ALTER TABLE ${table.name} VALIDATE CONSTRAINT ${name}`,
        ),
        downAlone: true,
      })),
      {
        phase: 'contract',
        does: `drop ${localOf(table.name)}`,
        up: parts(`DROP TABLE ${table.name}`),
        down: madeAgain(table),
      },
    ],
    ...{ fill: [], fillBack: [] },
    notes: [
      'Going back from contract brings the table back without its rows, and without its rights, triggers, policies and comments.',
    ],
  };
}

function madeAgain({ name, columns, constraints, indexes }: TableFacts): Part[] {
  const rules = constraints.filter(({ kind }) => kind !== 'foreign key');
  const lines = [
    ...columns.map(columnText),
    ...rules.map((one) => `CONSTRAINT ${one.name} ${one.definition}`),
  ];
  return [
    ...parts(...sequencesMade(columns)),
    { why: EMPTY, sql: `CREATE TABLE ${name} (\n    ${lines.join(',\n    ')}\n)` },
    ...parts(
      ...sequencesOwned(name, columns),
      ...indexes
        .filter(({ constraint }) => constraint === null)
        .map((index) => concurrently(index.definition, index.name, name).replace(' CONCURRENTLY', '')),
    ),
  ];
}

const serials = (columns: readonly ColumnFacts[]): ColumnFacts[] =>
  columns.filter(({ sequence, identity }) => sequence && !identity);

const sequencesMade = (columns: readonly ColumnFacts[]): string[] =>
  serials(columns).map(
    ({ sequence, type }) => `CREATE SEQUENCE ${sequence}${/int/.test(type) ? ` AS ${type}` : ''}`,
  );

const sequencesOwned = (table: string, columns: readonly ColumnFacts[]): string[] =>
  serials(columns).map(({ sequence, name }) => `ALTER SEQUENCE ${sequence} OWNED BY ${table}.${name}`);

const columnText = (column: ColumnFacts): string =>
  [
    `${column.name} ${column.type}`,
    ...(column.identity ? [`GENERATED ${column.identity.toUpperCase()} AS IDENTITY`] : []),
    ...(column.generated ? [column.generated] : []),
    ...(column.default === null ? [] : [`DEFAULT ${column.default}`]),
    ...(column.notNull ? ['NOT NULL'] : []),
  ].join(' ');
