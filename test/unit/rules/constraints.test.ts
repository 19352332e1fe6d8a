import constraintNotEnforced from '../../../src/rules/constraint-not-enforced.js';
import domainChanged from '../../../src/rules/domain-changed.js';
import invalidIndexPassesOver from '../../../src/rules/invalid-index-passes-over.js';
import objectDropped from '../../../src/rules/object-dropped.js';
import primaryKeyDropped from '../../../src/rules/primary-key-dropped.js';
import sequenceAltered from '../../../src/rules/sequence-altered.js';
import typeAltered from '../../../src/rules/type-altered.js';
import { testRule } from '../../../src/rules/testing.js';

testRule(invalidIndexPassesOver, {
  finds: {
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON sales.orders (a)': [
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON sales.orders (a)',
      'an invalid i on sales.orders would count as done',
    ],
  },
  allows: {
    'without IF NOT EXISTS': 'CREATE INDEX CONCURRENTLY i ON orders (a)',
    'without CONCURRENTLY nothing invalid stays': 'CREATE INDEX IF NOT EXISTS i ON orders (a)',
  },
});

testRule(constraintNotEnforced, {
  finds: {
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED': [
      'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED',
      'nothing looks at c of orders: it only says what should be',
    ],
    'ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES shops NOT ENFORCED': [
      'ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES shops NOT ENFORCED',
      'nothing looks at a constraint of orders: it only says what should be',
    ],
    'ALTER TABLE orders ALTER CONSTRAINT c NOT ENFORCED': [
      'ALTER TABLE orders ALTER CONSTRAINT c NOT ENFORCED',
      'nothing looks at c of orders any more',
    ],
  },
  allows: {
    'one that is not valid yet': 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
    'a NOT NULL that is not valid yet': 'ALTER TABLE orders ADD CONSTRAINT c NOT NULL a NOT VALID',
    'enforced again': 'ALTER TABLE orders ALTER CONSTRAINT c ENFORCED',
  },
});

testRule(primaryKeyDropped, {
  finds: {
    'ALTER TABLE orders DROP CONSTRAINT orders_pkey': [
      'ALTER TABLE orders DROP CONSTRAINT orders_pkey',
      'without its primary key orders lets the same number in twice',
    ],
    'ALTER TABLE orders DROP CONSTRAINT pk_orders CASCADE': [
      'ALTER TABLE orders DROP CONSTRAINT pk_orders CASCADE',
      'without its primary key orders lets the same number in twice; the foreign keys that refer to it go as well',
    ],
    'ALTER TABLE orders DROP CONSTRAINT "PK_Orders"': [
      'ALTER TABLE orders DROP CONSTRAINT "PK_Orders"',
      'without its primary key orders lets the same number in twice',
    ],
  },
  allows: {
    'a foreign key': 'ALTER TABLE orders DROP CONSTRAINT orders_shop_id_fkey',
    'of a new table': 'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a DROP CONSTRAINT a_pkey',
  },
});

testRule(domainChanged, {
  finds: {
    "ALTER DOMAIN email SET DEFAULT 'x'": [
      "ALTER DOMAIN email SET DEFAULT 'x'",
      'another default, in every table that uses email',
    ],
    'ALTER DOMAIN email DROP DEFAULT': [
      'ALTER DOMAIN email DROP DEFAULT',
      'the default is gone, in every table that uses email',
    ],
    'ALTER DOMAIN email DROP NOT NULL': [
      'ALTER DOMAIN email DROP NOT NULL',
      'NULL is let in, in every table that uses email',
    ],
    'ALTER DOMAIN email DROP CONSTRAINT c': [
      'ALTER DOMAIN email DROP CONSTRAINT c',
      'no longer looked at: c, in every table that uses email',
    ],
    "ALTER DOMAIN email ADD CHECK (value > 'a') NOT VALID": [
      "ALTER DOMAIN email ADD CHECK (value > 'a') NOT VALID",
      'a condition for new values, in every table that uses email',
    ],
  },
  allows: {
    'what reads the tables': "ALTER DOMAIN email ADD CHECK (value > 'a')",
    'a new name': 'ALTER DOMAIN email RENAME CONSTRAINT a TO b',
  },
});

testRule(typeAltered, {
  finds: {
    'ALTER TYPE pair ADD ATTRIBUTE c int CASCADE': [
      'ALTER TYPE pair ADD ATTRIBUTE c int CASCADE',
      'the attribute c of pair is added in every value of that type',
    ],
    'ALTER TYPE pair DROP ATTRIBUTE c': [
      'ALTER TYPE pair DROP ATTRIBUTE c',
      'the attribute c of pair is removed, with what is in it, in every value of that type',
    ],
    'ALTER TYPE sales.pair ALTER ATTRIBUTE c TYPE text': [
      'ALTER TYPE sales.pair ALTER ATTRIBUTE c TYPE text',
      'the attribute c of sales.pair is converted in every value of that type',
    ],
    'ALTER TYPE pair SET (STORAGE = plain)': [
      'ALTER TYPE pair SET (STORAGE = plain)',
      'how pair is stored or used changes',
    ],
  },
  allows: {
    'a column of a table': 'ALTER TABLE orders ADD COLUMN c int',
    'a value of an enum': "ALTER TYPE state ADD VALUE 'x'",
  },
});

testRule(sequenceAltered, {
  finds: {
    'ALTER SEQUENCE s OWNED BY orders.id': [
      'ALTER SEQUENCE s OWNED BY orders.id',
      'inserts that take a number from s wait until commit',
    ],
    "SELECT setval('s', 10)": [
      "SELECT setval('s', 10)",
      'the next number of s is set to one that may be taken already',
    ],
    "SELECT setval('s'::regclass, (SELECT max(id) FROM orders))": [
      "SELECT setval('s'::regclass, (SELECT max(id) FROM orders))",
      'the next number of s is set',
    ],
    'ALTER TABLE orders ALTER id RESTART WITH 5': [
      'ALTER TABLE orders ALTER id RESTART WITH 5',
      'the numbers of orders.id start again, and may be there already',
    ],
    'ALTER SEQUENCE s SET UNLOGGED': [
      'ALTER SEQUENCE s SET UNLOGGED',
      'inserts that take a number from s wait until commit',
    ],
  },
  allows: {
    'a new one': "CREATE SEQUENCE s; SELECT setval('s', 10); ALTER SEQUENCE s RESTART",
    'a number taken': "SELECT nextval('s')",
  },
});

testRule(objectDropped, {
  finds: {
    'DROP TYPE state': ['DROP TYPE state', 'dropping type state removes it for good'],
    'DROP TYPE state CASCADE': [
      'DROP TYPE state CASCADE',
      'dropping type state removes it for good, and all that depends on it, unnamed',
    ],
    'DROP SEQUENCE s': ['DROP SEQUENCE s', 'dropping sequence s removes it for good'],
    'DROP OWNED BY app': ['DROP OWNED BY app', 'this drops a database, a tablespace or all that a role owns'],
  },
  allows: {
    'a new type': "CREATE TYPE s AS ENUM ('a'); DROP TYPE s",
    'what has a rule of its own': 'DROP PUBLICATION p',
  },
});
