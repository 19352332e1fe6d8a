import rule from './rows-inserted.js';
import { testRule } from './testing.js';

const added = 'adding rows to states, which exists already';

testRule(rule, {
  finds: {
    values: ["INSERT INTO states VALUES (1, 'open'), (2, 'sent')", added],
    'a row unless it is there': [
      "INSERT INTO states (code) SELECT 'open' WHERE NOT EXISTS (SELECT 1 FROM states WHERE code = 'open')",
      added,
    ],
    'values by another name': ['INSERT INTO states SELECT * FROM (VALUES (1), (2)) v', added],
    'several rows by UNION': ["INSERT INTO states SELECT 1, 'a' UNION ALL SELECT 2, 'b'", added],
    'a row of defaults': ['INSERT INTO states DEFAULT VALUES', added],
  },
  allows: {
    'as many rows as a table has: rows-changed': 'INSERT INTO states SELECT id FROM orders',
    'as many rows as a function gives: rows-changed': 'INSERT INTO states SELECT generate_series(1, 1000000)',
    'rows that change: rows-changed': 'INSERT INTO states VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2',
  },
});
