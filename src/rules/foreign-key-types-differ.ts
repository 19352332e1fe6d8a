import { sameType, showColumnType } from '../schema/column-type.js';
import type { Schema } from '../schema/model.js';
import { baseOf, columnNamed, referencesTo, relationNamed } from '../schema/resolve.js';
import { identifier, tableCommand } from '../sql/ast.js';
import { knownKey, writtenKeys, type KnownKey, type WrittenKey } from './foreign-keys.js';
import { fromCatalog } from './known.js';
import { defineRule, type Hit } from './rule.js';

export default defineRule({
  id: 'foreign-key-types-differ',
  risk: 'medium',
  effect:
    'The column cannot hold all values that it refers to, or PostgreSQL converts at each comparison ' +
    'and passes over an index.',
  blocks: 'nobody',
  instead: {
    says: 'Give the column the type of the one that it refers to.',
    sql: 'ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops (id);',
    alembic:
      "op.add_column('orders', sa.Column('shop_id', sa.BigInteger()))\nop.create_foreign_key('orders_shop', 'orders', 'shops', ['shop_id'], ['id'], postgresql_not_valid=True)",
  },
  on: ['AT_AddConstraint', 'AT_AddColumn', 'CreateStmt', 'AT_AlterColumnType'],
  alsoNew: true,
  needs: 'CREATE TABLE shops (id bigint PRIMARY KEY); CREATE TABLE orders (shop_id int, shop bigint);',
  bad: 'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;',
  good: 'ALTER TABLE orders ADD FOREIGN KEY (shop) REFERENCES shops NOT VALID;',

  checkAtEnd(statement) {
    const keys = writtenKeys(statement);
    if (keys.length > 0) return { judge: (schema) => keys.flatMap((key) => ofWritten(schema, key)) };
    const changed = tableCommand(statement, 'AT_AlterColumnType');
    if (!changed) return;
    const column = identifier(changed.cmd.name ?? '');
    return {
      about: `${changed.table}.${column}`,
      judge: (schema) => ofColumn(schema, changed.table, column),
    };
  },
});

function ofWritten(schema: Schema, key: WrittenKey): Hit[] {
  const known = knownKey(schema, key);
  return known ? differences(schema, known, key.table, key.other) : [];
}

/** Of all keys that the column is one end of. */
function ofColumn(schema: Schema, table: string, column: string): Hit[] {
  const changed = relationNamed(schema, table);
  if (!changed) return [];
  const own = changed.constraints.flatMap((constraint): KnownKey[] => {
    const referred = schema.relations.get(constraint.references?.relation ?? '');
    return referred && constraint.columns.includes(column) ? [{ constraint, own: changed, referred }] : [];
  });
  const others = referencesTo(schema, changed.key)
    .filter(({ constraint }) => constraint.references?.columns.includes(column))
    .filter(({ relation }) => relation.partitionOf === undefined)
    .map(({ relation, constraint }): KnownKey => ({ constraint, own: relation, referred: changed }));
  return [
    ...own.flatMap((known) => differences(schema, known, table, known.referred.key)),
    ...others.flatMap((known) => differences(schema, known, known.own.key, table)),
  ];
}

/** @param table - the names of both, as they are to be told */
function differences(schema: Schema, known: KnownKey, table: string, other: string): Hit[] {
  const { constraint, own, referred } = known;
  return constraint.columns.flatMap((name, at) => {
    const counterpart = constraint.references?.columns[at] ?? '';
    const [from, to] = [columnNamed(own, name)?.type, columnNamed(referred, counterpart)?.type];
    if (!from || !to) return [];
    const [a, b] = [baseOf(schema, from), baseOf(schema, to)];
    // Lengths and digits make no difference to an index.
    if (sameType({ ...a, sizes: [] }, { ...b, sizes: [] }) || (isText(a.name) && isText(b.name))) return [];
    return fromCatalog({
      message: `${table}.${name} is ${showColumnType(from)}, and refers to ${other}.${counterpart}, which is ${showColumnType(to)}`,
      relations: [],
    });
  });
}

const isText = (name: string): boolean => name === 'text' || name === 'varchar';
