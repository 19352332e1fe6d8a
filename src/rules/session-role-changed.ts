import { identifier, read } from '../sql/ast.js';
import { defineRule } from './rule.js';

export default defineRule({
  id: 'session-role-changed',
  risk: 'medium',
  effect:
    'What follows is done by another role: it owns what is made, and may be denied what Alembic writes next. ' +
    'Without LOCAL it lasts beyond this transaction, in a pooled connection beyond this program.',
  blocks: 'nobody',
  breaksRunning: true,
  instead: {
    says: 'Migrate as the role that shall own the objects, or give them to it by name.',
    sql: 'GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop_app;',
    alembic: "op.execute('GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop_app')",
  },
  on: ['VariableSetStmt', 'DiscardStmt'],
  bad: 'SET ROLE shop_owner;',
  good: 'RESET ROLE;',

  check(statement) {
    const set = read(statement, 'VariableSetStmt');
    if (read(statement, 'DiscardStmt')?.target === 'DISCARD_ALL')
      return {
        message: 'all that was set in the session is gone, and its advisory locks as well',
        relations: [],
      };
    if (set?.kind !== 'VAR_SET_VALUE' || !['role', 'session_authorization'].includes(set.name ?? '')) return;
    const role = read(set.args?.[0], 'A_Const')?.sval?.sval ?? '';
    if (role === 'none') return;
    return { message: `what follows is done by ${identifier(role)}`, relations: [] };
  },
});
