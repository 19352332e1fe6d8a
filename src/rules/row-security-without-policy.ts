import type { Schema } from '../schema/model.js';
import { relationNamed } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import { read, tableCommand, tableOfObject } from '../sql/ast.js';
import { listed } from './column-users.js';
import { fromCatalog } from './known.js';
import { defineRule, type Hit } from './rule.js';

export default defineRule({
  id: 'row-security-without-policy',
  risk: 'high',
  effect:
    'Row security without a policy lets nobody but the owner and superusers see a row, and with FORCE not even the ' +
    'owner: SELECT finds nothing, INSERT fails, without an error that says why.',
  blocks: 'nobody; the rows are out of sight until there is a policy',
  breaksRunning: true,
  instead: {
    says:
      "Make the policy in the same transaction, and try both as the application's role on a copy; until then a view " +
      'shows each its rows.',
    sql: "CREATE VIEW own_orders AS SELECT * FROM orders WHERE customer_id = current_setting('app.customer')::int;",
    alembic:
      'op.execute(\n    "CREATE VIEW own_orders AS SELECT * FROM orders "\n    "WHERE customer_id = current_setting(\'app.customer\')::int"\n)',
  },
  on: ['AT_EnableRowSecurity', 'AT_ForceRowSecurity', 'DropStmt'],
  needs: 'CREATE TABLE orders (id int, customer_id int); GRANT SELECT ON orders TO pg_monitor;',
  bad: 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY;',
  good: 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON orders USING (customer_id > 0);',

  checkAtEnd(statement) {
    const table = switchedIn(statement);
    return table ? { about: table, judge: (schema) => judged(schema, table) } : undefined;
  },
});

function switchedIn(statement: Node): string | undefined {
  const switched = tableCommand(statement, 'AT_EnableRowSecurity', 'AT_ForceRowSecurity');
  const drop = read(statement, 'DropStmt');
  const [dropped] = drop?.removeType === 'OBJECT_POLICY' ? (drop.objects ?? []) : [];
  return switched?.table ?? (dropped && tableOfObject(dropped));
}

function judged(schema: Schema, table: string): Hit[] {
  const known = relationNamed(schema, table);
  if (!known || known.isNew || known.rowSecurity === 'off' || known.policies.length > 0) return [];
  const { forcesRowSecurity, grantees, owner } = known;
  // The owner alone has rights, and sees everything as before.
  if (!forcesRowSecurity && grantees.length === 0) return [];
  const who = [...(forcesRowSecurity ? [owner ?? 'its owner'] : []), ...grantees];
  return [
    fromCatalog({
      message: `${table} has row security and no policy: no row of it is there for ${listed(who)}`,
      relations: [],
    }),
  ];
}
