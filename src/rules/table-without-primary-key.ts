import { nameOf, read, readAll } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'table-without-primary-key',
  risk: 'low',
  effect:
    'Nothing tells one row from another: a replica or a subscriber cannot follow UPDATE and DELETE (55000), ' +
    'and a change in batches has nothing to go by.',
  blocks: 'nobody',
  instead: {
    says: 'Give it a key; for a table of pairs both columns together are one.',
    sql: 'CREATE TABLE order_tags (order_id bigint, tag_id bigint, PRIMARY KEY (order_id, tag_id));',
    alembic:
      "op.create_table(\n    'order_tags',\n    sa.Column('order_id', sa.BigInteger(), primary_key=True),\n" +
      "    sa.Column('tag_id', sa.BigInteger(), primary_key=True),\n)",
  },
  on: ['CreateStmt'],
  bad: 'CREATE TABLE order_tags (order_id bigint, tag_id bigint);',
  good: 'CREATE TABLE order_tags (order_id bigint, tag_id bigint, PRIMARY KEY (order_id, tag_id));',
  alsoNew: true,

  check(statement) {
    const made = read(statement, 'CreateStmt');
    // A partition and a child have the key of their parent, or none for its sake; LIKE may copy one.
    if (!made || made.relation?.relpersistence === 't' || made.inhRelations?.length) return;
    if (made.ofTypename || readAll(made.tableElts, 'TableLikeClause').length > 0) return;
    const ofColumns = readAll(made.tableElts, 'ColumnDef').flatMap(({ constraints }) => constraints ?? []);
    const all = readAll([...ofColumns, ...(made.tableElts ?? [])], 'Constraint');
    if (all.some(({ contype }) => contype === 'CONSTR_PRIMARY')) return;
    return { message: `${nameOf(made.relation)} has no primary key`, relations: [] };
  },
});
