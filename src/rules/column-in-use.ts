import { identifier, tableCommand } from '../sql/ast.js';
import { listed, usersOf } from './column-users.js';
import { fromCatalog, knownColumn } from './known.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'column-in-use',
  risk: 'high',
  effect:
    'PostgreSQL refuses to change or drop a column that a view, a policy, a generated column, a ' +
    'trigger or a publication names: the migration stops there.',
  blocks: 'reads and writes of the table until it fails',
  instead: {
    says:
      'Add a column of the new type and move over what uses the old one. Or drop what uses it before, and ' +
      'make it anew afterwards, in the same transaction.',
    sql: 'ALTER TABLE orders ADD COLUMN remark text;',
    alembic: "op.add_column('orders', sa.Column('remark', sa.Text()))",
  },
  on: ['AT_AlterColumnType', 'AT_DropColumn'],
  alsoNew: true,
  bad:
    'CREATE TABLE orders (id int, note varchar(20)); CREATE VIEW open_orders AS SELECT id, note FROM orders; ' +
    'ALTER TABLE orders ALTER COLUMN note TYPE text;',
  good:
    'CREATE TABLE orders (id int, note varchar(20)); CREATE VIEW open_orders AS SELECT id FROM orders; ' +
    'ALTER TABLE orders ALTER COLUMN note TYPE text;',

  check(statement, { schema }) {
    const changed = tableCommand(statement, 'AT_AlterColumnType', 'AT_DropColumn');
    if (!changed || changed.cmd.behavior === 'DROP_CASCADE') return;
    const name = identifier(changed.cmd.name ?? '');
    const known = knownColumn(schema, changed.table, name);
    if (!known) return;
    const { refusing, refusingDrop } = usersOf(schema, known.relation, name);
    const drops = changed.cmd.subtype === 'AT_DropColumn';
    const users = drops ? [...refusing, ...refusingDrop] : refusing;
    if (users.length === 0) return;
    return fromCatalog({
      message: `PostgreSQL refuses to ${drops ? 'drop' : 'change'} ${changed.table}.${name}: ${listed(users)} ${users.length > 1 ? 'use' : 'uses'} it`,
      relations: [locked(changed.table, 'ACCESS EXCLUSIVE')],
      fails: true,
      breaksRunning: false,
    });
  },
});
