import { check } from './check.js';
import { parse } from '../sql/parse.js';
import { findingsIn, schemaWith } from './testing.js';

/** Findings with a database that has these tables: `risk rule`. */
const ddl = `CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE TYPE moods AS ENUM ('ok', 'bad', 'fine'); CREATE DOMAIN plain AS text;
  CREATE DOMAIN positive AS int CHECK (value > 0); CREATE DOMAIN over AS positive;
  CREATE TABLE shops (id int PRIMARY KEY, code text UNIQUE);
  CREATE TABLE orders (id serial PRIMARY KEY, shop int REFERENCES shops, note varchar(50), state text NOT NULL, mood mood, amount numeric(10,2),
    small varchar(20) CHECK (small <> ''), folded text, at timestamp, seen timestamp, given int, CHECK (given IS NOT NULL), d plain);
  ALTER TABLE orders ADD CONSTRAINT shop_given CHECK (shop IS NOT NULL) NOT VALID;
  CREATE INDEX orders_note ON orders (note); CREATE INDEX folded ON orders (lower(folded)); CREATE INDEX orders_at ON orders (at);
  CREATE UNIQUE INDEX orders_state ON orders (state); CREATE UNIQUE INDEX orders_mood ON orders (mood);
  CREATE FUNCTION next_one() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1'; CREATE FUNCTION same_one() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
  CREATE TABLE viewed (a int, b int, c int GENERATED ALWAYS AS (b + 1) STORED); CREATE VIEW v AS SELECT a FROM viewed;
  CREATE TABLE published (id int PRIMARY KEY, a int); CREATE PUBLICATION feed FOR TABLE published`;

const found = async (sql: string, postgres = 16) =>
  (await findingsIn(sql, postgres, ddl)).map(
    ({ rule, risk, fails }) => `${risk} ${rule}${fails ? ' fails' : ''}`,
  );

describe('with a database', () => {
  it.each<[string, ...string[]]>([
    ['ALTER TABLE orders ALTER note TYPE varchar(100)', 'low column-type-widened'],
    ['ALTER TABLE orders ALTER note TYPE text', 'low column-type-widened'],
    ['ALTER TABLE orders ALTER note TYPE text USING note::text', 'low column-type-widened'],
    ['ALTER TABLE orders ALTER amount TYPE numeric(12,2)', 'low column-type-widened'],
    ['ALTER TABLE orders ALTER d TYPE text', 'low column-type-widened'],
    ['ALTER TABLE orders ALTER seen TYPE timestamptz', 'low column-type-widened'],
    [
      "SET timezone = 'Asia/Seoul'; ALTER TABLE orders ALTER seen TYPE timestamptz",
      'high column-type-changed',
    ],
    [
      "SET LOCAL timezone = 'Asia/Seoul'; COMMIT; ALTER TABLE orders ALTER seen TYPE timestamptz",
      'high column-type-changed',
    ],
    ['ALTER TABLE orders ALTER at TYPE timestamptz', 'high column-type-changed'],
    ['ALTER TABLE orders ALTER small TYPE varchar(30)', 'high column-type-changed'],
    ['ALTER TABLE orders ALTER folded TYPE varchar', 'high column-type-changed'],
    ['ALTER TABLE orders ALTER note TYPE text COLLATE "C"', 'high column-type-changed'],
    ['ALTER TABLE orders ALTER mood TYPE text', 'high column-type-changed'],
    ['ALTER TABLE orders ALTER mood TYPE moods USING mood::text::moods', 'high column-type-changed'],
    [
      'ALTER TABLE orders ALTER shop TYPE bigint',
      'high column-type-changed',
      'medium foreign-key-types-differ',
    ],
    ['ALTER TABLE orders ALTER id TYPE bigint', 'high column-type-changed', 'medium sequence-stays-narrow'],
    ['ALTER TABLE orders ALTER note TYPE varchar(10)', 'very-high column-type-may-lose-values'],
    ['ALTER TABLE orders ALTER state TYPE varchar(10)', 'very-high column-type-may-lose-values'],
    ['ALTER TABLE orders ALTER amount TYPE numeric(12,1)', 'very-high column-type-may-lose-values'],
    ['ALTER TABLE orders ALTER at TYPE date', 'very-high column-type-may-lose-values'],
    ['ALTER TABLE orders ALTER note TYPE text USING lower(note)', 'very-high column-type-may-lose-values'],
    ['ALTER TABLE orders ALTER state TYPE mood USING state::mood', 'very-high column-type-may-lose-values'],

    ['ALTER TABLE viewed ALTER a TYPE bigint', 'high column-type-changed', 'high column-in-use fails'],
    ['DROP VIEW v; ALTER TABLE viewed ALTER a TYPE bigint', 'high view-changed', 'high column-type-changed'],
    ['ALTER TABLE viewed ALTER b TYPE bigint', 'high column-type-changed', 'high column-in-use fails'],
    ['ALTER TABLE viewed DROP COLUMN a', 'very-high column-dropped', 'high column-in-use fails'],
    ['ALTER TABLE viewed DROP COLUMN a CASCADE', 'very-high column-dropped'],
    ['ALTER TABLE viewed DROP COLUMN c', 'very-high column-dropped'],

    ['ALTER TABLE orders ALTER given SET NOT NULL', 'low not-null-scans'],
    ['ALTER TABLE orders ALTER state SET NOT NULL', 'low not-null-scans'],
    ['ALTER TABLE orders ALTER shop SET NOT NULL', 'high not-null-scans'],
    ['ALTER TABLE orders ALTER note SET NOT NULL', 'high not-null-scans'],
    [
      'ALTER TABLE orders VALIDATE CONSTRAINT shop_given; ALTER TABLE orders ALTER shop SET NOT NULL',
      'medium constraint-validated',
      'low not-null-scans',
    ],

    ['ALTER TABLE orders ADD COLUMN z positive', 'high column-type-unknown'],
    ['ALTER TABLE orders ADD COLUMN z over', 'high column-type-unknown'],
    ['ALTER TABLE orders ADD COLUMN z mood'],
    ['ALTER TABLE orders ADD COLUMN z plain'],
    ['ALTER TABLE orders ADD COLUMN z int DEFAULT next_one()', 'high column-default-rewrites'],
    ['ALTER TABLE orders ADD COLUMN z int DEFAULT same_one()'],

    [
      'ALTER TABLE published DROP CONSTRAINT published_pkey',
      'very-high published-without-key',
      'high primary-key-dropped',
    ],
    ['ALTER TABLE published DROP COLUMN id', 'very-high column-dropped', 'very-high published-without-key'],
    ['CREATE TABLE IF NOT EXISTS orders (a int PRIMARY KEY)', 'medium if-not-exists-passes-over'],
    ['CREATE TABLE IF NOT EXISTS fresh (a int PRIMARY KEY)'],
    [
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note)',
      'medium index-built-concurrently',
      'medium invalid-index-passes-over',
    ],
    [
      'CREATE TABLE t (shop bigint PRIMARY KEY); ALTER TABLE t ADD FOREIGN KEY (shop) REFERENCES shops',
      'low table-referenced',
      'medium foreign-key-types-differ',
    ],
  ])('%s: %s', async (sql, ...expected) => expect(await found(sql)).toEqual(expected));

  it('a valid CHECK is no proof before version 12', async () => {
    expect(await found('ALTER TABLE orders ALTER given SET NOT NULL', 11)).toEqual(['high not-null-scans']);
  });

  it('says that it rests on the catalog, and what goes with a column', async () => {
    const [dropped] = await findingsIn('ALTER TABLE orders DROP COLUMN shop', 16, ddl);
    expect(dropped).toMatchObject({
      evidence: 'catalog',
      message:
        'dropping orders.shop removes its values for good, and with them the foreign key orders_shop_fkey, the check shop_given',
    });
    expect(dropped?.relations.map(({ name }) => name)).toEqual(['orders', 'shops']);
  });
});

describe('without a database', () => {
  it('says which verdicts would change with one', async () => {
    const [finding] = await findingsIn('ALTER TABLE orders ALTER note TYPE varchar(100)');
    expect(finding).toMatchObject({
      ...{ evidence: 'static', risk: 'high' },
      unsure:
        'without the database it is not known whether orders.note is of a type now that varchar(100) only widens, which changes no row',
    });
  });

  it('and after a statement of which nobody knows what it does', async () => {
    const schema = await schemaWith(ddl);
    const parsed = await parse(
      'DO $$ BEGIN EXECUTE f(); END $$; ALTER TABLE orders ALTER note TYPE varchar(100)',
    );
    const { findings } = check(parsed, { file: 'x.sql', linesOfFile: true }, schema);
    expect(findings.at(-1)).toMatchObject({
      risk: 'high',
      unsure: expect.stringMatching(/^after .*block.* it is not known whether orders\.note/),
    });
  });
});
