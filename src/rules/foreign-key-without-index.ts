import type { Index, Relation, Schema } from '../schema/model.js';
import { relationNamed } from '../schema/resolve.js';
import { writtenKeys, type WrittenKey } from './foreign-keys.js';
import { fromCatalog } from './known.js';
import { defineRule, type Hit } from './rule.js';

/** A table of fewer rows is read as fast as an index. */
const FEW_ROWS = 10_000;

export default defineRule({
  id: 'foreign-key-without-index',
  risk: 'medium',
  effect:
    'To delete a row of the table that is referred to, or to change its key, PostgreSQL looks for rows that refer ' +
    'to it; without an index it reads all of the table each time, and keeps the row locked meanwhile.',
  blocks: 'nobody now; whoever wants the row that is deleted, until the table was read',
  instead: {
    says: 'Build an index on the columns of the key first, CONCURRENTLY.',
    sql: 'CREATE INDEX CONCURRENTLY orders_shop ON orders (shop_id);',
    alembic:
      "with op.get_context().autocommit_block():\n    op.create_index('orders_shop', 'orders', ['shop_id'], postgresql_concurrently=True)",
  },
  on: ['AT_AddConstraint', 'AT_AddColumn', 'CreateStmt'],
  alsoNew: true,
  needs: 'CREATE TABLE shops (id int PRIMARY KEY); CREATE TABLE orders (shop_id int);',
  bad: 'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;',
  good:
    'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID; ' +
    'CREATE INDEX CONCURRENTLY orders_shop ON orders (shop_id);',

  checkAtEnd(statement) {
    const keys = writtenKeys(statement);
    if (keys.length === 0) return;
    return { judge: (schema) => keys.flatMap((key) => judged(schema, key) ?? []) };
  },
});

function judged(schema: Schema, { table, columns, other }: WrittenKey): Hit | undefined {
  const own = relationNamed(schema, table);
  const isThere = own?.constraints.some(
    (each) => each.kind === 'foreign key' && each.columns.join() === columns.join(),
  );
  // A partition has the indexes of its parent. Of a new table that refers to a new one both grow from nothing.
  if (!own || !isThere || own.columnsUnknown || own.partitionOf !== undefined) return;
  if (relationNamed(schema, other)?.isNew || isCovered(own, columns)) return;
  const hit: Hit = {
    message:
      `no index begins with ${columns.map((column) => `${table}.${column}`).join(', ')}: ` +
      `to delete a row of ${other} means to read all of ${table}`,
    relations: [],
    ...(isSmall(own) ? { risk: 'low' } : {}),
  };
  return own.isNew ? hit : fromCatalog(hit);
}

/** What is made in the plan is empty; it may well grow, and then it is too late to see it in a migration. */
const isSmall = ({ isNew, rows }: Relation): boolean => isNew || (rows !== undefined && rows < FEW_ROWS);

const isCovered = ({ indexes }: Relation, columns: readonly string[]): boolean =>
  indexes.some((index) => index.valid && leads(index, columns) && holdsAll(index, columns));

/** An index of fewer columns than the key finds its rows as well. */
const leads = ({ keys }: Index, columns: readonly string[]): boolean =>
  keys.length > 0 && keys.slice(0, columns.length).every((key) => key !== null && columns.includes(key));

/** `WHERE shop_id IS NOT NULL` leaves out none that matters; of other conditions nobody knows. */
const holdsAll = ({ isPartial, columns: mentioned }: Index, columns: readonly string[]): boolean =>
  !isPartial || mentioned.every((column) => columns.includes(column));
