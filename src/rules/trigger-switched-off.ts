import { read, tableCommand, tableOfObject } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

const switching = [
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableTrigUser',
  'AT_EnableTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_EnableAlwaysTrig',
  'AT_EnableReplicaTrig',
  'AT_DisableRule',
  'AT_EnableRule',
  'AT_EnableAlwaysRule',
  'AT_EnableReplicaRule',
] as const;

export default defineRule({
  id: 'trigger-switched-off',
  risk: 'high',
  effect:
    'What the trigger did with each row is no longer done; with ALL foreign keys are not checked either.',
  blocks: 'writes to the table for a moment; reads too when a trigger is dropped',
  breaksRunning: true,
  instead: {
    says: 'Let the trigger stay until the release that does without it is the only one.',
    sql: "COMMENT ON TRIGGER orders_log ON orders IS 'not needed since release 7';",
    alembic: 'op.execute("COMMENT ON TRIGGER orders_log ON orders IS \'not needed since release 7\'")',
  },
  on: ['DropStmt', ...switching, 'VariableSetStmt'],
  bad: 'ALTER TABLE orders DISABLE TRIGGER ALL;',
  good: 'ALTER TRIGGER orders_log ON orders RENAME TO orders_log_old;',

  check(statement) {
    const switched = tableCommand(statement, ...switching);
    const drop = read(statement, 'DropStmt');
    const dropped = /^OBJECT_(TRIGGER|RULE)$/.test(drop?.removeType ?? '') ? drop?.objects?.[0] : undefined;
    const set = read(statement, 'VariableSetStmt');
    if (set?.name === 'session_replication_role' && set.kind === 'VAR_SET_VALUE')
      return { message: 'triggers and foreign keys are off for what follows in this session', relations: [] };
    const table = switched?.table ?? (dropped && tableOfObject(dropped));
    if (!table) return;
    const gentle = switched && !switched.cmd.subtype?.endsWith('Rule');
    return {
      message: `triggers or rules of ${table} are switched: its rows are no longer treated as before`,
      relations: [locked(table, gentle ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE')],
    };
  },
});
