import { inCatalog } from '../domain/sql-name.js';
import { buildIndex, indexAlone } from './constrain.js';
import { parts, type Draft, type Filling, type Scaffold } from './draft.js';
import type { ColumnFacts, Facts, TableFacts } from './facts.js';
import { nameOf } from './names.js';
import { notNullSteps } from './rules-of-column.js';
import { proof } from './sync.js';

const only = (revisions: readonly Draft[], more: Partial<Scaffold> = {}): Scaffold => ({
  ...{ revisions, fill: [], fillBack: [], notes: [] },
  ...more,
});

/** @param value - of rows that have none: expression of the row's columns */
export function makeNotNull(
  facts: Facts,
  { table: { name }, column, value }: { table: TableFacts; column: ColumnFacts; value?: string | undefined },
): Scaffold {
  const steps = notNullSteps(facts.postgres, name, column.name);
  const rows = `${column.name} IS NULL`;
  const revisions: Draft[] = [
    {
      phase: 'constrain',
      does: `refuse NULL in ${column.name}`,
      up: [
        proof(name, rows, `rows of ${name} whose ${column.name} is NULL: give them a value first`),
        ...steps.add,
      ],
      down: steps.drop,
    },
    {
      phase: 'constrain',
      does: `validate ${column.name}`,
      ...{ up: steps.validate, upAlone: true, down: steps.drop },
    },
    ...(steps.finish.length
      ? [
          {
            ...{ phase: 'constrain' as const, does: `${column.name} not null` },
            ...{ up: steps.finish, down: steps.dropFinish, downAlone: true as const },
          },
        ]
      : []),
  ];
  return only(revisions, {
    fill: value === undefined ? [] : [fillingNulls(name, column.name, value)],
    notes: [
      `From the first revision of constrain on nobody can write NULL: deploy the code that gives ${column.name} a value before.`,
    ],
  });
}

const fillingNulls = (table: string, column: string, value: string): Filling => ({
  ...{ table, set: { [inCatalog(column)]: value } },
  ...{ where: `${column} IS NULL`, verify: `${column} IS NOT NULL` },
});

export function addUnique({
  table,
  columns,
  name,
}: {
  table: TableFacts;
  columns: readonly string[];
  name?: string | undefined;
}): Scaffold {
  const own = name ?? nameOf(table.name, ...columns, 'key');
  const list = columns.join(', ');
  const doubles = `${columns.map((column) => `${column} IS NOT NULL`).join(' AND ')} GROUP BY ${list} HAVING count(*) > 1`;
  const sql = `CREATE UNIQUE INDEX CONCURRENTLY ${own} ON ${table.name} (${list})`;
  const build = buildIndex(table.name, own, sql);
  return only([
    {
      ...build,
      up: [
        proof(table.name, doubles, `rows of ${table.name} with the same ${list}: make them differ first`),
        ...build.up,
      ],
    },
    {
      phase: 'constrain',
      does: `unique ${columns.join(' ')}`,
      up: parts(`ALTER TABLE ${table.name} ADD CONSTRAINT ${own} UNIQUE USING INDEX ${own}`),
      ...{ down: indexAlone(table.name, own, sql), downAlone: true },
    },
  ]);
}

export interface NewReference {
  table: TableFacts;
  columns: readonly string[];
  other: TableFacts;
  referred: readonly string[];
  name?: string | undefined;
  /** `CASCADE`, `SET NULL`, … */
  onDelete?: string | undefined;
}

export function addForeignKey({ table, columns, other, referred, name, onDelete }: NewReference): Scaffold {
  const own = name ?? nameOf(table.name, ...columns, 'fkey');
  const index = nameOf(table.name, ...columns, 'idx');
  const there = columns
    .map((column, at) => `referred.${referred[at]} = ${table.name}.${column}`)
    .join(' AND ');
  const orphans = `${columns.map((column) => `${table.name}.${column} IS NOT NULL`).join(' AND ')} AND NOT EXISTS (SELECT FROM ${other.name} AS referred WHERE ${there})`;
  const definition = `FOREIGN KEY (${columns.join(', ')}) REFERENCES ${other.name} (${referred.join(', ')})${onDelete ? ` ON DELETE ${onDelete}` : ''}`;
  return only([
    ...(isIndexed(table, columns)
      ? []
      : [
          buildIndex(
            table.name,
            index,
            `CREATE INDEX CONCURRENTLY ${index} ON ${table.name} (${columns.join(', ')})`,
          ),
        ]),
    ...checked(
      table.name,
      own,
      definition,
      proof(
        table.name,
        orphans,
        `rows of ${table.name} that refer to nothing in ${other.name}: mend them first`,
      ),
    ),
  ]);
}

/** By the order of an index's columns in the catalog: its first ones. */
const isIndexed = ({ indexes }: TableFacts, columns: readonly string[]): boolean =>
  indexes.some((index) => columns.every((column, at) => index.columns[at] === column) && !index.partial);

/** @param rows - what each row must fulfil */
export function addCheck({ table, rows, name }: { table: TableFacts; rows: string; name: string }): Scaffold {
  return only(
    checked(
      table.name,
      name,
      `CHECK (${rows})`,
      proof(table.name, `NOT (${rows})`, `rows of ${table.name} that do not fulfil ${name}: mend them first`),
    ),
    {
      notes: [
        `From the first revision of constrain on nobody can write what does not fulfil ${name}: deploy the code that does not before.`,
      ],
    },
  );
}

function checked(table: string, name: string, definition: string, proven: ReturnType<typeof proof>): Draft[] {
  const down = parts(`ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}`);
  return [
    {
      phase: 'constrain',
      does: `add ${name}`,
      up: [proven, ...parts(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition} NOT VALID`)],
      down,
    },
    {
      phase: 'constrain',
      does: `validate ${name}`,
      up: parts(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`),
      ...{ upAlone: true, down },
    },
  ];
}

/** Nobody has to wait for it, nobody has to know of it: one step. */
export function addIndex({
  table,
  columns,
  name,
}: {
  table: TableFacts;
  columns: readonly string[];
  name?: string | undefined;
}): Scaffold {
  const own = name ?? nameOf(table.name, ...columns, 'idx');
  const sql = `CREATE INDEX CONCURRENTLY ${own} ON ${table.name} (${columns.join(', ')})`;
  return only([{ ...buildIndex(table.name, own, sql), phase: 'expand' }]);
}
