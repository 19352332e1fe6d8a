import type { Relation, Schema } from '../schema/model.js';
import { indexNamed, relationNamed } from '../schema/resolve.js';
import { identifier, nameOfObject, read, tableCommand, type Node } from '../sql/ast.js';
import { fromCatalog } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'published-without-key',
  risk: 'very-high',
  effect:
    'Logical replication finds a row by the key of its table. Once the key is gone, PostgreSQL refuses ' +
    'every UPDATE and DELETE of a published table.',
  blocks: 'UPDATE and DELETE of the table, until it has a replica identity again',
  breaksRunning: true,
  instead: {
    says: 'Give the table another replica identity first.',
    sql: 'ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_code;',
    alembic: "op.execute('ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_code')",
  },
  on: ['AT_DropConstraint', 'AT_DropColumn', 'DropStmt'],
  needs: 'CREATE TABLE orders (id int PRIMARY KEY, a int); CREATE PUBLICATION feed FOR TABLE orders;',
  bad: 'ALTER TABLE orders DROP CONSTRAINT orders_pkey;',
  good: 'ALTER TABLE orders DROP COLUMN a;',

  check(statement, { schema }) {
    const relation = losesKey(statement, schema);
    if (!relation || !(relation.publications.length > 0 || schema.publishesAll.length > 0)) return;
    const publication = relation.publications[0]?.name ?? schema.publishesAll[0];
    return fromCatalog({
      message: `${relation.key} is published by ${publication} and loses the key by which its rows are known`,
      relations: [locked(relation.key, 'ACCESS EXCLUSIVE')],
    });
  },
});

/** The table whose replica identity the statement removes. */
function losesKey(statement: Node, schema: Schema): Relation | undefined {
  const changed = tableCommand(statement, 'AT_DropConstraint', 'AT_DropColumn');
  const name = identifier(changed?.cmd.name ?? '');
  const relation = changed && relationNamed(schema, changed.table);
  if (relation) {
    const index = keyOf(relation);
    const goes =
      changed.cmd.subtype === 'AT_DropColumn' ? index?.columns.includes(name) : index?.constraint === name;
    return goes ? relation : undefined;
  }
  const drop = read(statement, 'DropStmt');
  if (drop?.removeType !== 'OBJECT_INDEX') return undefined;
  const found = (drop.objects ?? []).flatMap((object) => indexNamed(schema, nameOfObject(object)) ?? []);
  return found.find(({ relation: table, index }) => keyOf(table) === index)?.relation;
}

/** The index by which logical replication finds a row. */
function keyOf({ replicaIdentity, constraints, indexes }: Relation): Relation['indexes'][number] | undefined {
  if (replicaIdentity === 'index') return indexes.find((index) => index.isReplicaIdentity);
  if (replicaIdentity !== 'default') return undefined;
  const primary = constraints.find(({ kind }) => kind === 'primary key')?.name;
  return indexes.find(({ constraint }) => constraint !== undefined && constraint === primary);
}
