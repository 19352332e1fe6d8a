import { identifier, tableCommand } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-dropped',
  risk: 'very-high',
  effect:
    'The values are gone, with the indexes and constraints on them. The running release fails ' +
    'where it uses the column.',
  blocks: 'reads and writes of the table until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Release code that no longer uses the column first, and drop it in a later release.',
    sql: '-- this release: it may be empty; a later one drops it\nALTER TABLE orders ALTER COLUMN note DROP NOT NULL;',
    alembic:
      "# this release: the model no longer has the column\nop.alter_column('orders', 'note', nullable=True)",
  },
  on: ['AT_DropColumn'],
  bad: 'ALTER TABLE orders DROP COLUMN note;',
  good: 'ALTER TABLE orders ADD COLUMN note text;',

  check(statement) {
    const dropped = tableCommand(statement, 'AT_DropColumn');
    if (!dropped) return;
    const { table, cmd } = dropped;
    const cascade = cmd.behavior === 'DROP_CASCADE' ? ', and all that depends on them' : '';
    return {
      message: `dropping ${table}.${identifier(cmd.name ?? '')} removes its values for good${cascade}`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});
