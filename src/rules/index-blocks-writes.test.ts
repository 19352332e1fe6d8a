import rule from './index-blocks-writes.js';
import { testRule } from './testing.js';

testRule(rule, {
  finds: {
    'a plain index': [
      'CREATE INDEX orders_customer ON orders (customer_id)',
      'building orders_customer blocks writes to orders',
    ],
    'an index without a name': [
      'CREATE INDEX ON sales."Orders" (customer_id)',
      'building an index blocks writes to sales."Orders"',
    ],
    'each index of several': [
      'CREATE UNIQUE INDEX a ON orders (x); CREATE INDEX b ON orders (y)',
      'building a blocks writes to orders',
      'building b blocks writes to orders',
    ],
  },
  allows: {
    'an index on a table made in the same plan': 'CREATE TABLE t (id int); CREATE INDEX i ON t (id)',
    'dropping an index (another rule looks at that)': 'DROP INDEX orders_customer',
  },
});
