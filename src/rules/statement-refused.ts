import { kindOfAction } from '../sql/ast.js';
import { fromCatalog } from './known.js';
import { defineRule } from './rule.js';

/** Of these `column-in-use` and `index-on-partitioned-table` say more. */
const toldElsewhere: ReadonlySet<string> = new Set(['AT_AlterColumnType', 'AT_DropColumn', 'IndexStmt']);

export default defineRule({
  id: 'statement-refused',
  risk: 'medium',
  effect: 'PostgreSQL refuses it, as the database is now: the run fails there and rolls back.',
  blocks: 'nobody for long: it fails',
  instead: {
    says: 'Drop by name, and before it, what it says is in the way.',
    sql: 'ALTER TABLE invoices DROP CONSTRAINT invoices_order; -- before the table it refers to is dropped',
    alembic: "op.drop_constraint('invoices_order', 'invoices', type_='foreignkey')",
  },
  bad:
    'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE invoices (order_id int REFERENCES orders); ' +
    'DROP TABLE orders;',
  good:
    'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE invoices (order_id int REFERENCES orders); ' +
    'DROP TABLE orders CASCADE;',
  alsoNew: true,
  aboutRun: true,

  check(statement, { effects }) {
    const why = effects?.fails;
    if (why === undefined || toldElsewhere.has(kindOfAction(statement))) return;
    return fromCatalog({ message: `PostgreSQL refuses this: ${why}`, relations: [], fails: true });
  },
});
