import { nameOf, nameOfObject, read, tableCommand, tableOfObject } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'row-security-changed',
  risk: 'high',
  effect: 'Rows appear or disappear for the running release, without an error.',
  blocks: 'reads and writes of the table for a moment',
  breaksRunning: true,
  instead: {
    says: "Let the new release read a view of its rows first; switch row security on with its policies when they were tried as the application's role on a copy.",
    sql: "CREATE VIEW own_orders AS SELECT * FROM orders WHERE customer_id = current_setting('app.customer')::int;",
    alembic:
      'op.execute(\n    "CREATE VIEW own_orders AS SELECT * FROM orders "\n    "WHERE customer_id = current_setting(\'app.customer\')::int"\n)',
  },
  on: [
    'AT_EnableRowSecurity',
    'AT_DisableRowSecurity',
    'AT_ForceRowSecurity',
    'AT_NoForceRowSecurity',
    'CreatePolicyStmt',
    'AlterPolicyStmt',
    'DropStmt',
  ],
  bad: 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY;',
  good: 'CREATE TABLE t (id int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;',

  check(statement) {
    const switched = tableCommand(
      statement,
      'AT_EnableRowSecurity',
      'AT_DisableRowSecurity',
      'AT_ForceRowSecurity',
      'AT_NoForceRowSecurity',
    );
    const policy = read(statement, 'CreatePolicyStmt') ?? read(statement, 'AlterPolicyStmt');
    const drop = read(statement, 'DropStmt');
    const dropped = drop?.removeType === 'OBJECT_POLICY' ? drop.objects?.[0] : undefined;
    const table =
      switched?.table ??
      (policy && nameOf(policy.table)) ??
      (dropped && (tableOfObject(dropped) || nameOfObject(dropped)));
    if (!table) return;
    return {
      message: `the rows of ${table} that the running release sees may change`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});
