import { tableCommand } from '../sql/ast.js';
import { changed, columnOf } from './added-columns.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'new-column-required',
  risk: 'high',
  effect:
    'The running release does not know the column, so that its INSERTs give it no value: without a default ' +
    'every one of them fails (23502) until the new release runs.',
  blocks: 'reads and writes of the table for a moment; then writes of the running release fail',
  breaksRunning: true,
  instead: {
    says: 'Keep the default in this release, and drop it in the next one, when the old release is gone.',
    sql: "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'open'; -- and no DROP DEFAULT yet",
    alembic: "op.add_column('orders', sa.Column('state', sa.Text(), nullable=False, server_default='open'))",
  },
  on: ['AT_ColumnDefault', 'AT_SetNotNull'],
  bad:
    "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'open';\n" +
    'ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;',
  good:
    "ALTER TABLE orders ADD COLUMN state text DEFAULT 'open';\n" +
    'ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;',

  check(statement, { newColumns }) {
    const name = columnOf(statement);
    const before = name === undefined ? undefined : newColumns?.get(name);
    const after = before && changed(before, statement);
    const table = tableCommand(statement, 'AT_ColumnDefault', 'AT_SetNotNull')?.table;
    if (!table || !before || !after || !isMissing(after) || isMissing(before)) return;
    return {
      message: `${name} is new and must have a value now, and no default gives one: every INSERT of the running release fails`,
      relations: [locked(table, 'ACCESS EXCLUSIVE')],
    };
  },
});

const isMissing = ({ notNull, hasDefault }: { notNull: boolean; hasDefault: boolean }): boolean =>
  notNull && !hasDefault;
