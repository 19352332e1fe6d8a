import { nameOfObject, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'index-dropped',
  risk: 'medium',
  effect: 'Queries that used it become slow at once. Without CONCURRENTLY its table is locked until commit.',
  blocks: 'reads and writes of its table until commit; nobody with CONCURRENTLY',
  instead: {
    says: 'Drop it CONCURRENTLY, outside of a transaction, once no query uses it.',
    sql: 'DROP INDEX CONCURRENTLY orders_customer;',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.drop_index('orders_customer', postgresql_concurrently=True)",
  },
  on: ['DropStmt'],
  bad: 'DROP INDEX orders_customer;',
  good: 'CREATE TABLE t (id int); CREATE INDEX t_id ON t (id); DROP INDEX t_id;',

  check(statement) {
    const drop = read(statement, 'DropStmt');
    if (drop?.removeType !== 'OBJECT_INDEX') return;
    const names = (drop.objects ?? []).map(nameOfObject);
    const blocks = drop.concurrent ? '' : ', and nobody can use its table until commit';
    return {
      message: `queries that use ${names.join(', ')} become slow${blocks}`,
      relations: drop.concurrent ? [] : names.map((name) => locked(name, 'ACCESS EXCLUSIVE')),
    };
  },
});
