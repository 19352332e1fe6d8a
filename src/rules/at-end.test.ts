import { check } from './check.js';
import { parse } from '../sql/parse.js';
import { findingsAtEnd } from './at-end.js';
import { findingsIn, schemaWith } from './testing.js';
import { alembicRun, followRevision } from './transaction-run.js';

const ddl = `CREATE TABLE shops (id bigint PRIMARY KEY, code int UNIQUE, region int); CREATE TABLE orders (id serial PRIMARY KEY, shop_id bigint, code int, state text);
  CREATE TABLE lines (order_id int REFERENCES orders, a int, b int); CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
  CREATE INDEX lines_order ON lines (order_id);`;

/** `risk: message` of what one rule finds with those tables. */
const of =
  (rule: string, tables = ddl) =>
  async (sql: string) =>
    (await findingsIn(sql, 16, tables)).flatMap((found) =>
      found.rule === rule ? [`${found.risk}: ${found.message}`] : [],
    );

describe('foreign-key-without-index', () => {
  const found = of('foreign-key-without-index');
  const key = 'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID';
  const told = 'no index begins with orders.shop_id: to delete a row of shops means to read all of orders';

  it('is told of a table that is there', async () => expect(await found(key)).toEqual([`medium: ${told}`]));

  it.each([
    ['before', `CREATE INDEX i ON orders (shop_id); ${key}`],
    ['after', `${key}; CREATE INDEX i ON orders (shop_id)`],
    ['with more columns behind', `${key}; CREATE INDEX i ON orders (shop_id, state)`],
    [
      'without the rows that refer to nothing',
      `${key}; CREATE INDEX i ON orders (shop_id) WHERE shop_id IS NOT NULL`,
    ],
    ['of a key', 'ALTER TABLE pairs ADD FOREIGN KEY (a) REFERENCES shops (code)'],
    [
      'in another order',
      'CREATE UNIQUE INDEX s ON shops (code, region); ALTER TABLE pairs ADD FOREIGN KEY (b, a) REFERENCES shops (code, region)',
    ],
    [
      'and the key is gone again',
      `ALTER TABLE orders ADD CONSTRAINT k FOREIGN KEY (shop_id) REFERENCES shops; ALTER TABLE orders DROP CONSTRAINT k`,
    ],
    ['as both tables are new', 'CREATE TABLE x (id int PRIMARY KEY); CREATE TABLE y (x int REFERENCES x)'],
  ])('finds the index %s', async (_, sql) => expect(await found(sql)).toEqual([]));

  it.each([
    ['an index of some rows', `${key}; CREATE INDEX i ON orders (shop_id) WHERE state = 'x'`, told],
    ['an index of an expression', `${key}; CREATE INDEX i ON orders ((shop_id + 1))`, told],
    ['an index that begins with another column', `${key}; CREATE INDEX i ON orders (state, shop_id)`, told],
    ['an index that is dropped later', `CREATE INDEX i ON orders (shop_id); ${key}; DROP INDEX i`, told],
    ['a new column', 'ALTER TABLE orders ADD COLUMN s bigint REFERENCES shops', told.replace('shop_id', 's')],
  ])('takes no comfort in %s', async (_, sql, message) =>
    expect(await found(sql)).toEqual([`medium: ${message}`]),
  );

  it('is a note for a table that the plan makes', async () => {
    expect(
      await found(
        'CREATE TABLE x (s bigint REFERENCES shops, c int, FOREIGN KEY (c) REFERENCES shops (code))',
      ),
    ).toEqual([
      'low: no index begins with x.s: to delete a row of shops means to read all of x',
      'low: no index begins with x.c: to delete a row of shops means to read all of x',
    ]);
  });

  it('is a note for a table of few rows, and nothing where the tables are not known', async () => {
    const schema = await schemaWith(ddl, 16);
    Object.assign(schema.relations.get('public.orders')!, { rows: 200 });
    const { findings } = check(await parse(key), { file: 'x.sql', linesOfFile: true }, schema);
    expect(findings.find(({ rule }) => rule === 'foreign-key-without-index')?.risk).toBe('low');
    expect((await findingsIn(key)).map(({ rule }) => rule)).not.toContain('foreign-key-without-index');
  });

  it('is allowed by a note at the statement, which counts as needed', async () => {
    const allowed = `-- lockkeeper: allow foreign-key-without-index because shops are never deleted\n${key};`;
    const findings = await findingsIn(allowed, 16, ddl);
    expect(findings.map(({ rule }) => rule)).not.toContain('allowance-unused');
    expect(findings.find(({ rule }) => rule === 'foreign-key-without-index')?.allowed?.risk).toBe('medium');
  });
});

it('judges a run of several revisions at its end, and names the revision', async () => {
  const schema = await schemaWith(ddl, 16);
  const run = alembicRun(false);
  const steps: [string, string][] = [
    ['one', 'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID'],
    ['two', 'ALTER TABLE lines ADD FOREIGN KEY (a) REFERENCES shops (code) NOT VALID'],
    ['three', 'CREATE INDEX i ON orders (shop_id)'],
  ];
  for (const [revision, sql] of steps) {
    followRevision(run, revision);
    const source = { file: `${revision}.py`, revision, linesOfFile: false };
    const { findings } = check(await parse(sql), source, schema, run);
    expect(findings.map(({ rule }) => rule)).not.toContain('foreign-key-without-index');
  }
  expect(findingsAtEnd(run, schema)).toMatchObject([
    {
      rule: 'foreign-key-without-index',
      revision: 'two',
      file: 'two.py',
      risk: 'medium',
      evidence: 'catalog',
    },
  ]);
  expect(findingsAtEnd(run, schema)).toEqual([]);
});

describe('foreign-key-types-differ', () => {
  const found = of('foreign-key-types-differ');
  it.each<[string, ...string[]]>([
    [
      'ALTER TABLE orders ALTER id TYPE bigint',
      'medium: public.lines.order_id is int4, and refers to orders.id, which is int8',
    ],
    ['ALTER TABLE orders ALTER id TYPE bigint; ALTER TABLE lines ALTER order_id TYPE bigint'],
    [
      'ALTER TABLE lines ALTER order_id TYPE bigint',
      'medium: lines.order_id is int8, and refers to public.orders.id, which is int4',
    ],
    ['ALTER TABLE orders ALTER state TYPE varchar(10)'],
    [
      'ALTER TABLE orders ADD COLUMN s int REFERENCES shops',
      'medium: orders.s is int4, and refers to shops.id, which is int8',
    ],
    [
      'CREATE TABLE x (s int, FOREIGN KEY (s) REFERENCES shops)',
      'medium: x.s is int4, and refers to shops.id, which is int8',
    ],
  ])('%s', async (sql, ...messages) => expect(await found(sql)).toEqual(messages));

  it.each([
    ['ALTER TABLE orders ALTER id TYPE bigint', 'orders', 'lines'],
    ['ALTER TABLE lines ALTER order_id TYPE bigint', 'lines', 'orders'],
  ])('%s locks both tables', async (sql, ...tables) => {
    const [change] = (await findingsIn(sql, 16, ddl)).filter(({ rule }) => rule === 'column-type-changed');
    const locks = change?.relations.filter(({ blocks }) => blocks !== 'nothing').map(({ name }) => name);
    expect(locks?.map((name) => name.replace('public.', '')).sort()).toEqual(tables.sort());
  });
});
