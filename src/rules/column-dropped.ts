import { identifier, tableCommand } from '../sql/ast.js';
import type { Schema } from '../schema/model.js';
import { listed, usersOf } from './column-users.js';
import { fromCatalog, knownColumn, type KnownColumn } from './known.js';
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

  check(statement, { schema }) {
    const dropped = tableCommand(statement, 'AT_DropColumn');
    if (!dropped) return;
    const { table, cmd } = dropped;
    const name = identifier(cmd.name ?? '');
    const known = knownColumn(schema, table, name);
    const cascades = cmd.behavior === 'DROP_CASCADE';
    const cascade = cascades ? ', and all that depends on them' : '';
    const message = `dropping ${table}.${name} removes its values for good`;
    const relations = [locked(table, 'ACCESS EXCLUSIVE')];
    if (!known) return { message: `${message}${cascade}`, relations };
    const lost = lostWith(schema, known, cascades);
    return fromCatalog({
      message: lost.length > 0 ? `${message}, and with them ${listed(lost)}` : message,
      relations,
    });
  },
});

/** What goes with a column, in words. */
function lostWith(schema: Schema, { relation, column }: KnownColumn, cascades: boolean): string[] {
  const has = ({ columns }: { columns: string[] }) => columns.includes(column.name);
  const { refusing, refusingDrop } = usersOf(schema, relation, column.name);
  return [
    ...relation.constraints
      .filter((each) => has(each) && each.kind !== 'not null')
      .map(({ kind, name }) => `the ${kind} ${name}`),
    ...relation.indexes
      .filter((each) => has(each) && !each.constraint)
      .map(({ name }) => `the index ${name}`),
    ...(cascades ? [...refusing, ...refusingDrop] : []),
  ];
}
