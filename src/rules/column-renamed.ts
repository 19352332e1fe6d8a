import { identifier, nameOf, read } from '../sql/ast.js';
import { rewritten } from './column-users.js';
import { relationNamed } from '../schema/resolve.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-renamed',
  risk: 'high',
  effect:
    'The running release fails at once where it uses the old name, and functions that use it ' +
    'fail when they are called.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says:
      'Add a column of the new name, let the application write both, and drop the old one in a ' +
      'later release.',
    sql: 'ALTER TABLE orders ADD COLUMN buyer_id bigint;',
    alembic: "op.add_column('orders', sa.Column('buyer_id', sa.BigInteger()))",
  },
  on: ['RenameStmt'],
  bad: 'ALTER TABLE orders RENAME COLUMN customer_id TO buyer_id;',
  good: 'ALTER TABLE orders ADD COLUMN buyer_id bigint;',

  check(statement, { schema }) {
    const rename = read(statement, 'RenameStmt');
    if (rename?.renameType !== 'OBJECT_COLUMN' && rename?.renameType !== 'OBJECT_ATTRIBUTE') return;
    const table = nameOf(rename.relation);
    const [from, to] = [identifier(rename.subname ?? ''), identifier(rename.newname ?? '')];
    return {
      message: `the running release does not know ${table}.${from} under its new name ${to}${rewritten(schema, relationNamed(schema, table), from)}`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});
