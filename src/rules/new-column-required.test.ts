import rule from './new-column-required.js';
import { testRule } from './testing.js';

const says = (column: string) =>
  `${column} is new and must have a value now, and no default gives one: every INSERT of the running release fails`;
const added = "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'open';";

testRule(rule, {
  finds: {
    'a default dropped again': [rule.bad, says('orders.state')],
    'a default dropped after it was renamed': [
      `${added} ALTER TABLE orders RENAME COLUMN state TO at; ALTER TABLE orders ALTER COLUMN at DROP DEFAULT`,
      says('orders.at'),
    ],
    'NOT NULL after the rows were filled': [
      'ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1; ALTER TABLE orders ALTER COLUMN a SET NOT NULL',
      says('orders.a'),
    ],
  },
  allows: {
    'a default that stays': added,
    'a default dropped of a column that may be NULL': rule.good,
    'NOT NULL with a default': `ALTER TABLE orders ADD COLUMN a int DEFAULT 1; ALTER TABLE orders ALTER COLUMN a SET NOT NULL`,
    'a column dropped meanwhile': `${added} ALTER TABLE orders DROP COLUMN state; ALTER TABLE orders ALTER COLUMN state DROP DEFAULT`,
    'a column that was there: see default-dropped': 'ALTER TABLE orders ALTER COLUMN state DROP DEFAULT',
    'a default set, then NOT NULL':
      'ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ALTER COLUMN a SET DEFAULT 1; ALTER TABLE orders ALTER COLUMN a SET NOT NULL',
    'a table that is new':
      'CREATE TABLE t (id int); ALTER TABLE t ADD a int DEFAULT 1 NOT NULL; ALTER TABLE t ALTER a DROP DEFAULT',
    'one that fails already: see column-without-value':
      'ALTER TABLE orders ADD COLUMN a int NOT NULL; ALTER TABLE orders ALTER COLUMN a DROP DEFAULT',
  },
});
