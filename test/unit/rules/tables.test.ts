import autovacuumSwitchedOff from '../../../src/rules/autovacuum-switched-off.js';
import checkNotImmutable from '../../../src/rules/check-not-immutable.js';
import columnJson from '../../../src/rules/column-json.js';
import ifNotExistsPassesOver from '../../../src/rules/if-not-exists-passes-over.js';
import tableUnlogged from '../../../src/rules/table-unlogged.js';
import tableWithoutPrimaryKey from '../../../src/rules/table-without-primary-key.js';
import { testRule } from '../../../src/rules/testing.js';

testRule(tableWithoutPrimaryKey, {
  finds: {
    'CREATE TABLE a (id int)': ['CREATE TABLE a (id int)', 'a has no primary key'],
    'CREATE TABLE sales."A" (id int UNIQUE)': [
      'CREATE TABLE sales."A" (id int UNIQUE)',
      'sales."A" has no primary key',
    ],
  },
  allows: {
    'a key of a column': 'CREATE TABLE a (id int PRIMARY KEY)',
    'a key of its own line': 'CREATE TABLE a (x int, y int, PRIMARY KEY (x, y))',
    'a partition': 'CREATE TABLE a PARTITION OF b DEFAULT',
    'the form of another': 'CREATE TABLE a (LIKE b INCLUDING ALL)',
    'a table of the session': 'CREATE TEMP TABLE a (id int)',
    'the table of Alembic': 'CREATE TABLE alembic_version (version_num text)',
  },
});

testRule(ifNotExistsPassesOver, {
  finds: {
    'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)': [
      'CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY)',
      'if a is there already in another shape, it stays so without an error',
    ],
    'ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text': [
      'ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text',
      'if orders.note is there already in another shape, it stays so without an error',
    ],
    'CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1 WITH NO DATA': [
      'CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1 WITH NO DATA',
      'if v is there already in another shape, it stays so without an error',
    ],
  },
  allows: {
    'a column of a new table':
      'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a ADD COLUMN IF NOT EXISTS note text',
    'a schema, which has no shape': 'CREATE SCHEMA IF NOT EXISTS s',
  },
});

testRule(tableUnlogged, {
  finds: {
    'CREATE UNLOGGED TABLE a (id int PRIMARY KEY)': [
      'CREATE UNLOGGED TABLE a (id int PRIMARY KEY)',
      'a is empty after a crash',
    ],
    'CREATE UNLOGGED TABLE a AS SELECT 1': [
      'CREATE UNLOGGED TABLE a AS SELECT 1',
      'a is empty after a crash',
    ],
    'CREATE UNLOGGED SEQUENCE s': ['CREATE UNLOGGED SEQUENCE s', 's is empty after a crash'],
    'SELECT 1 AS id INTO UNLOGGED a': ['SELECT 1 AS id INTO UNLOGGED a', 'a is empty after a crash'],
  },
  allows: {
    'an ordinary one': 'CREATE TABLE a (id int PRIMARY KEY)',
    'one of the session': 'CREATE TEMP TABLE a (id int)',
  },
});

testRule(columnJson, {
  finds: {
    'ALTER TABLE orders ADD COLUMN data json': [
      'ALTER TABLE orders ADD COLUMN data json',
      'orders.data: values of the type json cannot be compared',
    ],
    'CREATE TABLE a (id int PRIMARY KEY, x json, y pg_catalog.json, z jsonb)': [
      'CREATE TABLE a (id int PRIMARY KEY, x json, y pg_catalog.json, z jsonb)',
      'a.x, a.y: values of the type json cannot be compared',
    ],
  },
  allows: {
    jsonb: 'ALTER TABLE orders ADD COLUMN data jsonb',
    'a type of that name elsewhere': 'ALTER TABLE orders ADD COLUMN data own.json',
  },
});

testRule(checkNotImmutable, {
  finds: {
    'CREATE TABLE a (id int PRIMARY KEY, at date CHECK (at < CURRENT_DATE))': [
      'CREATE TABLE a (id int PRIMARY KEY, at date CHECK (at < CURRENT_DATE))',
      'a CHECK of a asks for date, time or user, whose answer changes by itself',
    ],
    'CREATE TABLE a (id int PRIMARY KEY, at timestamptz, CHECK (at > pg_catalog.now()))': [
      'CREATE TABLE a (id int PRIMARY KEY, at timestamptz, CHECK (at > pg_catalog.now()))',
      'a CHECK of a asks now(), whose answer changes by itself',
    ],
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (random() < a) NOT VALID': [
      'ALTER TABLE orders ADD CONSTRAINT c CHECK (random() < a) NOT VALID',
      'a CHECK of orders asks random(), whose answer changes by itself',
    ],
    'ALTER TABLE orders ADD COLUMN who text CHECK (who = CURRENT_USER)': [
      'ALTER TABLE orders ADD COLUMN who text CHECK (who = CURRENT_USER)',
      'a CHECK of orders asks for date, time or user, whose answer changes by itself',
    ],
  },
  allows: {
    'a default that changes': 'CREATE TABLE a (id int PRIMARY KEY, at timestamptz DEFAULT now())',
    'functions that do not': 'ALTER TABLE orders ADD CONSTRAINT c CHECK (lower(code) = code) NOT VALID',
  },
});

testRule(autovacuumSwitchedOff, {
  finds: {
    'ALTER TABLE orders SET (autovacuum_enabled = false)': [
      'ALTER TABLE orders SET (autovacuum_enabled = false)',
      'orders is no longer vacuumed, until it must be',
    ],
    'ALTER TABLE orders SET (fillfactor = 80, toast.autovacuum_enabled = off)': [
      'ALTER TABLE orders SET (fillfactor = 80, toast.autovacuum_enabled = off)',
      'orders is no longer vacuumed, until it must be',
    ],
    'CREATE TABLE a (id int PRIMARY KEY) WITH (autovacuum_enabled = 0)': [
      'CREATE TABLE a (id int PRIMARY KEY) WITH (autovacuum_enabled = 0)',
      'a is no longer vacuumed, until it must be',
    ],
  },
  allows: {
    'switched on': 'ALTER TABLE orders SET (autovacuum_enabled = true)',
    'on without a value': 'ALTER TABLE orders SET (autovacuum_enabled)',
    'given back': 'ALTER TABLE orders RESET (autovacuum_enabled)',
  },
});
