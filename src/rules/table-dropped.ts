import { nameOfObject, read } from '../sql/ast.js';
import { defineRule, locked } from './rule.js';

export default defineRule({
  id: 'table-dropped',
  risk: 'very-high',
  effect:
    'The rows are gone, and only a backup brings them back. The running release fails where ' +
    'it uses the table.',
  blocks: 'reads and writes of the table, and of every table that it refers to, until commit',
  dataLoss: true,
  breaksRunning: true,
  instead: {
    says: 'Release code that no longer uses the table, then rename it, and drop it some releases later.',
    sql: 'ALTER TABLE coupons RENAME TO coupons_unused_since_r7;',
    alembic: "op.rename_table('coupons', 'coupons_unused_since_r7')",
  },
  on: ['DropStmt'],
  bad: 'DROP TABLE coupons;',
  good: 'CREATE TABLE scratch (id int); DROP TABLE scratch;',

  check(statement, { newTables }) {
    const drop = read(statement, 'DropStmt');
    if (drop?.removeType !== 'OBJECT_TABLE' && drop?.removeType !== 'OBJECT_FOREIGN_TABLE') return;
    const tables = (drop.objects ?? []).map(nameOfObject).filter((name) => !newTables.has(name));
    const cascade = drop.behavior === 'DROP_CASCADE' ? ' and all that depends on it' : '';
    return {
      message: `dropping ${tables.join(', ')}${cascade} removes all rows for good`,
      relations: tables.map((name) => locked(name, 'ACCESS EXCLUSIVE')),
    };
  },
});
