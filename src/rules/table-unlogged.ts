import { nameOf, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'table-unlogged',
  risk: 'medium',
  effect:
    'After a crash the table is empty, and on a replica, which takes over after a failure, it always is.',
  blocks: 'nobody',
  dataLoss: true,
  instead: {
    says: 'Make an ordinary table, unless its rows may be gone at any time.',
    sql: 'CREATE TABLE carts (id bigint PRIMARY KEY);',
    alembic: "op.create_table('carts', sa.Column('id', sa.BigInteger(), primary_key=True))",
  },
  on: ['CreateStmt', 'CreateTableAsStmt', 'SelectStmt', 'CreateSeqStmt'],
  bad: 'CREATE UNLOGGED TABLE carts (id bigint PRIMARY KEY);',
  good: 'CREATE TABLE carts (id bigint PRIMARY KEY);',
  alsoNew: true,

  check(statement) {
    const relation =
      read(statement, 'CreateStmt')?.relation ??
      read(statement, 'CreateTableAsStmt')?.into?.rel ??
      read(statement, 'SelectStmt')?.intoClause?.rel ??
      read(statement, 'CreateSeqStmt')?.sequence;
    if (relation?.relpersistence !== 'u') return;
    return { message: `${nameOf(relation)} is empty after a crash`, relations: [] };
  },
});
