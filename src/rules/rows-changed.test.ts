import rule from './rows-changed.js';
import { testRule } from './testing.js';

testRule(rule, {
  finds: {
    'an update': ['UPDATE orders SET a = 1', 'this changes rows of orders, which exists already'],
    'every table that is written to': [
      'WITH gone AS (DELETE FROM a RETURNING id) INSERT INTO b SELECT id FROM gone',
      'this changes rows of b, a, which exists already',
    ],
    'only the old one of two': [
      'CREATE TABLE b (id int); WITH gone AS (DELETE FROM a RETURNING id) INSERT INTO b SELECT id FROM gone',
      'this changes rows of a, which exists already',
    ],
  },
  allows: {
    'plain new rows (another rule looks at those)': 'INSERT INTO orders VALUES (1)',
    'rows of a table made in the same plan': 'CREATE TABLE t (id int); UPDATE t SET id = 1; DELETE FROM t',
    'taking rows out': "COPY orders TO '/tmp/x'",
  },
});
