import { type Case, dangerous, safe } from '../case.js';

const orders = `CREATE TABLE orders (
  id bigint PRIMARY KEY, small int, code varchar(50), fixed char(10), words text, price numeric(10,2), free numeric,
  at timestamp, at_tz timestamptz, at_3 timestamptz(3), net cidr, state text DEFAULT 'open', data json, flags bit varying(8),
  long interval
)`;
const changes = (column: string, type: string): string =>
  `ALTER TABLE orders ALTER COLUMN ${column} TYPE ${type}`;
const of = (more: { postgres?: number } = {}) => ({ schema: orders, ...more });

export const types: readonly Case[] = [
  safe('low', 'a longer limit changes no value', changes('code', 'varchar(100)'), of()),
  safe('low', 'no limit any more', changes('code', 'text'), of()),
  safe('low', 'no limit any more', changes('code', 'varchar'), of()),
  safe('low', 'text and varchar are stored alike', changes('words', 'varchar'), of()),
  safe('low', 'more digits before the point', changes('price', 'numeric(12,2)'), of()),
  safe('low', 'no limit any more', changes('price', 'numeric'), of()),
  safe('low', 'more digits of a second', changes('at_3', 'timestamptz(6)'), of()),
  safe('low', 'cidr is stored as inet', changes('net', 'inet'), of()),
  safe('low', 'a longer limit', changes('flags', 'bit varying(16)'), of()),
  safe(
    'low',
    'two commands, both of the catalog alone',
    'ALTER TABLE orders ALTER COLUMN code TYPE varchar(60), ALTER COLUMN price TYPE numeric(14,2)',
    of(),
  ),
  safe('low', 'the same type again', changes('small', 'integer'), of()),

  dangerous('high', 'a rewrite', changes('small', 'bigint'), of()),
  dangerous('high', 'a rewrite', changes('customer_id', 'bigint')),
  dangerous(
    'very-high',
    'values that do not fit make it fail or are cut',
    changes('code', 'varchar(10)'),
    of(),
  ),
  dangerous('very-high', 'a limit where there was none', changes('words', 'varchar(200)'), of()),
  dangerous('high', 'char is padded: a rewrite', changes('fixed', 'text'), of()),
  dangerous('very-high', 'digits after the point are rounded away', changes('price', 'numeric(10,1)'), of()),
  dangerous('high', 'another scale is a rewrite', changes('price', 'numeric(14,4)'), of()),
  dangerous('very-high', 'digits are rounded away', changes('free', 'numeric(10,2)'), of()),
  dangerous('very-high', 'the time of day is gone', changes('at', 'date'), of()),
  dangerous('very-high', 'parts of a second are gone', changes('at_tz', 'timestamptz(0)'), of()),
  dangerous('very-high', 'halves and zone are gone', changes('at_tz', 'date')),
  dangerous('very-high', 'numbers that do not fit make it fail', changes('id', 'int'), of()),
  dangerous('very-high', 'the part after the point is gone', changes('price', 'bigint'), of()),
  dangerous('very-high', 'floating point rounds', changes('price', 'real'), of()),
  dangerous('high', 'a rewrite', changes('data', 'jsonb USING data::jsonb'), of()),
  dangerous(
    'very-high',
    'every value is computed by an expression',
    changes('state', "int USING CASE state WHEN 'open' THEN 1 ELSE 2 END"),
    of(),
  ),
  dangerous(
    'very-high',
    'every value is computed by an expression',
    changes('words', 'uuid USING words::uuid'),
  ),
  dangerous(
    'high',
    'the index order changes: all indexes are built anew',
    changes('words', 'text COLLATE "de_DE"'),
    { schema: `${orders}; CREATE INDEX w ON orders (words)` },
  ),
  dangerous(
    'high',
    'a domain with a condition is checked in every row',
    `CREATE DOMAIN positive AS int CHECK (value > 0); ${changes('small', 'positive')}`,
    of(),
  ),
  dangerous('high', 'the referencing tables are locked and checked as well', changes('id', 'numeric'), {
    schema: `${orders}; CREATE TABLE items (order_id bigint REFERENCES orders (id))`,
  }),
  dangerous('high', 'a check on the column is checked again in every row', changes('code', 'varchar(80)'), {
    schema: "CREATE TABLE orders (id int PRIMARY KEY, code varchar(50) CHECK (code <> ''))",
  }),
  dangerous('high', 'a view uses the column: refused', changes('code', 'varchar(80)'), {
    schema: `${orders}; CREATE VIEW codes AS SELECT code FROM orders`,
  }),
  dangerous('high', 'nothing says what the type was', changes('code', 'varchar(80)')),
];
