import { readAll, read, tableCommand } from '../sql/ast.js';
import type { Node } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'autovacuum-switched-off',
  risk: 'medium',
  effect:
    'Dead rows and old statistics stay: the table grows, queries become slow, and one day PostgreSQL vacuums ' +
    'it against wraparound, which no lock can cancel.',
  blocks: 'nobody',
  instead: {
    says: 'Let it be on; a table with many changes wants it more often, not less.',
    sql: 'ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01);',
    alembic: "op.execute('ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01)')",
  },
  on: ['AT_SetRelOptions', 'CreateStmt'],
  bad: 'ALTER TABLE orders SET (autovacuum_enabled = false);',
  good: 'ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01);',
  alsoNew: true,

  check(statement) {
    const altered = tableCommand(statement, 'AT_SetRelOptions');
    const made = read(statement, 'CreateStmt');
    const options = made?.options ?? read(altered?.cmd.def, 'List')?.items;
    const table = altered?.table ?? made?.relation?.relname;
    if (!table || !readAll(options, 'DefElem').some(switchesOff)) return;
    return {
      message: `${table} is no longer vacuumed, until it must be`,
      relations: altered ? [locked(altered.table, 'SHARE UPDATE EXCLUSIVE')] : [],
    };
  },
});

function switchesOff({ defname, arg }: { defname?: string; arg?: Node }): boolean {
  if (defname !== 'autovacuum_enabled') return false;
  const value = read(arg, 'String')?.sval ?? read(read(arg, 'TypeName')?.names?.[0], 'String')?.sval;
  return /^(f|false|off|no|n|0)$/i.test(value ?? String(read(arg, 'Integer')?.ival ?? (arg ? '0' : '')));
}
