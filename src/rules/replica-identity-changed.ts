import { read, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'replica-identity-changed',
  risk: 'medium',
  effect:
    'Subscribers and change data capture get another key of each row. With NOTHING every UPDATE and DELETE of ' +
    'a published table fails (55000); FULL writes each old row to the WAL.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says: 'Give the table a primary key, which is its identity without a word.',
    sql: 'CREATE UNIQUE INDEX CONCURRENTLY orders_number ON orders (number);',
    alembic:
      'with op.get_context().autocommit_block():\n' +
      "    op.create_index('orders_number', 'orders', ['number'], unique=True, postgresql_concurrently=True)",
  },
  on: ['AT_ReplicaIdentity'],
  bad: 'ALTER TABLE orders REPLICA IDENTITY NOTHING;',
  good: 'ALTER TABLE orders ADD COLUMN number bigint;',

  check(statement) {
    const altered = tableCommand(statement, 'AT_ReplicaIdentity');
    const kind = read(altered?.cmd.def, 'ReplicaIdentityStmt')?.identity_type ?? '';
    if (!altered) return;
    return {
      message: `who follows the changes of ${altered.table} gets ${identities[kind] ?? 'another key'}`,
      relations: [locked(altered.table, 'ACCESS EXCLUSIVE')],
    };
  },
});

/** PostgreSQL's letters. */
const identities: Readonly<Record<string, string>> = {
  n: 'no key of a changed row',
  f: 'all of each old row',
  i: 'the key of an index',
  d: 'the primary key',
};
