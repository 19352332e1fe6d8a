import { localOf } from '../domain/sql-name.js';
import type { Column, ColumnType, Relation, Schema } from '../schema/model.js';
import { baseOf, columnNamed, ownedSequences, referencesTo, relationNamed } from '../schema/resolve.js';
import { fromCatalog } from './known.js';
import { defineRule, type Hit } from './rule.js';
import { touchedBy } from './touched.js';

/** Above this part of what there is it is time to plan. The change at hand is no worse for it: never high. */
const MUCH = 0.7;

const largest: Partial<Record<string, number>> = { int2: 2 ** 15 - 1, int4: 2 ** 31 - 1 };

export default defineRule({
  id: 'numbers-run-out',
  risk: 'medium',
  effect:
    'A table that this plan touches has used most of the numbers of its key; when the last one is given, every ' +
    'INSERT fails, and to widen the key then takes hours in which nobody can write.',
  blocks: 'nobody now; every INSERT when the numbers are used up',
  instead: {
    says: 'Plan the change to bigint now, while there is time: a new column, filled in batches, that takes the place of the key.',
    sql: 'ALTER TABLE orders ADD COLUMN new_id bigint;',
    alembic: "op.add_column('orders', sa.Column('new_id', sa.BigInteger()))",
  },
  needs:
    'CREATE TABLE orders (id int PRIMARY KEY); CREATE SEQUENCE orders_id_seq START 1700000000 OWNED BY orders.id;',
  bad: 'ALTER TABLE orders ADD COLUMN note text;',
  good: 'CREATE TABLE notes (id bigserial PRIMARY KEY, note text);',

  checkAtEnd(statement, { schema }) {
    if (schema.source !== 'catalog') return;
    const found = touchedBy(statement).flatMap((name) => relationNamed(schema, name) ?? []);
    const tables = found.flatMap((relation) => {
      const owner = relation.sequence?.ownedBy;
      return owner ? (schema.relations.get(owner.relation) ?? []) : relation;
    });
    if (tables.length === 0) return;
    return {
      about: tables.map(({ key }) => key).join(),
      judge: (after) => tables.flatMap((table) => shortOf(after, table)),
    };
  },
});

function shortOf(schema: Schema, table: Relation): Hit[] {
  // It may be gone by now.
  if (schema.relations.get(table.key) !== table) return [];
  const references = referencesTo(schema, table.key).filter(
    ({ relation }) => relation.partitionOf === undefined,
  );
  const own = table.constraints.filter(({ kind }) => kind === 'foreign key');
  return [
    ...ownedSequences(schema, table.key).flatMap((sequence) => ofSequence(schema, sequence, table)),
    ...[...own.map((constraint) => ({ relation: table, constraint })), ...references].flatMap(
      ({ relation, constraint: { columns, references: to } }) => {
        const referred = schema.relations.get(to?.relation ?? '');
        return columns.flatMap((name, at) => ofReference(schema, relation, name, referred, to?.columns[at]));
      },
    ),
  ];
}

/** A sequence beside what it can count to, and what its column can hold. */
function ofSequence(schema: Schema, sequence: Relation, table: Relation): Hit[] {
  const { ownedBy, lastValue, maxValue = Infinity } = sequence.sequence ?? {};
  const column = columnNamed(table, ownedBy?.column ?? '');
  // One that counts down has its end below.
  if (!column || lastValue === undefined || maxValue <= 0) return [];
  const most = Math.min(maxValue, mostOf(schema, column.type));
  return told(
    lastValue / most,
    `${localOf(sequence.key)} has given ${lastValue} of the ${most} numbers that`,
    table,
    column,
  );
}

/** A foreign key that is narrower than the key that it refers to. */
function ofReference(
  schema: Schema,
  relation: Relation,
  name: string,
  referred: Relation | undefined,
  to = '',
): Hit[] {
  const [column, key] = [columnNamed(relation, name), columnNamed(referred, to)];
  if (!column || !key || !referred) return [];
  const most = mostOf(schema, column.type);
  if (most >= mostOf(schema, key.type)) return [];
  return ownedSequences(schema, referred.key, key.name).flatMap(({ sequence }) =>
    sequence?.lastValue === undefined
      ? []
      : told(
          sequence.lastValue / most,
          `${localOf(referred.key)}.${to} has come to ${sequence.lastValue} of the ${most} that`,
          relation,
          column,
        ),
  );
}

const mostOf = (schema: Schema, type: ColumnType): number => largest[baseOf(schema, type).name] ?? Infinity;

function told(used: number, what: string, table: Relation, { name }: Column): Hit[] {
  if (!(used > MUCH)) return [];
  return [
    fromCatalog({
      message: `${what} ${localOf(table.key)}.${name} has room for (${Math.floor(used * 100)} %)`,
      relations: [],
    }),
  ];
}
