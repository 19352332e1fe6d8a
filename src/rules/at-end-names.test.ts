import { findingsIn } from './testing.js';

/** `risk: message` of what one rule finds with those tables. */
const of = (rule: string, tables: string) => async (sql: string) =>
  (await findingsIn(sql, 16, tables)).flatMap((found) =>
    found.rule === rule ? [`${found.risk}: ${found.message}`] : [],
  );

describe('numbers-run-out', () => {
  const with_ = (start: string, type = 'int', more = '') =>
    of(
      'numbers-run-out',
      `CREATE TABLE orders (id ${type} PRIMARY KEY); CREATE SEQUENCE orders_id_seq START ${start} ${more} OWNED BY orders.id;
       CREATE TABLE lines (order_id int REFERENCES orders); CREATE TABLE other (id int)`,
    );
  const add = 'ALTER TABLE orders ADD COLUMN note text';

  it('tells of it above 70 %, and is never high: the change makes it no worse', async () => {
    expect(await with_('1500000000')(add)).toEqual([]);
    expect(await with_('1520000000')(add)).toEqual([
      'medium: orders_id_seq has given 1520000000 of the 2147483647 numbers that orders.id has room for (70 %)',
    ]);
    expect(await with_('2000000000')(add)).toEqual([
      'medium: orders_id_seq has given 2000000000 of the 2147483647 numbers that orders.id has room for (93 %)',
    ]);
    expect(await with_('900', 'bigint', 'MAXVALUE 1000')(add)).toEqual([
      'medium: orders_id_seq has given 900 of the 1000 numbers that orders.id has room for (90 %)',
    ]);
    expect(await with_('-900', 'int', 'INCREMENT -1 MAXVALUE -1')(add)).toEqual([]);
  });

  it('speaks of a table once, and only where the plan touches it', async () => {
    const found = with_('1700000000');
    expect(
      await found(`${add}; COMMENT ON TABLE orders IS 'x'; UPDATE orders SET id = 1; ${add}2`),
    ).toHaveLength(1);
    expect(await found("ALTER TABLE other ADD COLUMN note text; COMMENT ON TABLE other IS 'x'")).toEqual([]);
    expect(await found(`${add}; DROP TABLE orders CASCADE`)).toEqual([]);
  });

  it('sees what the plan mends', async () => {
    const found = with_('1700000000');
    const lines = 'ALTER TABLE lines ALTER order_id TYPE bigint';
    expect(await found(`ALTER TABLE orders ALTER id TYPE bigint; ${lines}`)).toEqual([]);
    expect(await found('ALTER SEQUENCE orders_id_seq RESTART WITH 1')).toEqual([]);
    expect(await found('ALTER SEQUENCE orders_id_seq INCREMENT 2')).toHaveLength(1);
  });

  it('holds the number of a wide key against a narrower column that refers to it', async () => {
    const told =
      'medium: orders.id has come to 1700000000 of the 2147483647 that lines.order_id has room for (79 %)';
    const found = with_('1700000000', 'bigint');
    expect(await found(add)).toEqual([told]);
    expect(await found('ALTER TABLE lines ADD COLUMN note text')).toEqual([told]);
    expect(await with_('17000', 'bigint')(add)).toEqual([]);
  });
});

describe('row-security-without-policy', () => {
  const granted = 'CREATE TABLE orders (id int); GRANT SELECT ON orders TO shop;';
  const found = of('row-security-without-policy', granted);
  const told = (who: string) =>
    `high: orders has row security and no policy: no row of it is there for ${who}`;
  const enable = 'ALTER TABLE orders ENABLE ROW LEVEL SECURITY';
  const force = 'ALTER TABLE orders FORCE ROW LEVEL SECURITY';
  const policy = 'CREATE POLICY p ON orders USING (true)';

  it.each<[string, ...string[]]>([
    [enable, told('shop')],
    [`${enable}; ${force}`, told('its owner, shop')],
    [force],
    [`${enable}; ${policy}`],
    [`${policy}; ${enable}`],
    [`${enable}; ALTER TABLE orders DISABLE ROW LEVEL SECURITY`],
    ['CREATE TABLE x (id int); ALTER TABLE x ENABLE ROW LEVEL SECURITY'],
  ])('%s', async (sql, ...messages) => expect(await found(sql)).toEqual(messages));

  it('tells of the last policy that goes', async () => {
    const secured = of(
      'row-security-without-policy',
      `${granted} ${enable}; ${policy}; CREATE POLICY q ON orders USING (true)`,
    );
    expect(await secured('DROP POLICY p ON orders')).toEqual([]);
    expect(await secured('DROP POLICY p ON orders; DROP POLICY q ON orders')).toEqual([told('shop')]);
  });

  it('is nothing where the owner alone has rights, until it is forced', async () => {
    const alone = of('row-security-without-policy', 'CREATE TABLE orders (id int)');
    expect(await alone(enable)).toEqual([]);
    expect(await alone(`${enable}; ${force}`)).toEqual([told('its owner')]);
  });
});

describe('function-mentions-old-name', () => {
  const body = (name: string, code: string, returns = 'void') =>
    `CREATE OR REPLACE FUNCTION ${name}() RETURNS ${returns} LANGUAGE plpgsql AS $$ ${code} $$;`;
  const tables = `CREATE TYPE stage AS ENUM ('a'); CREATE TABLE orders (id int, state text); CREATE TABLE other (id int, state text);
    CREATE SCHEMA old; CREATE TABLE old.orders (id int);
    ${body('closes', 'BEGIN UPDATE public.orders SET state = 1; END')}
    ${body('comments', 'BEGIN /* orders.state */ RETURN; -- orders.state\nEND')}
    ${body('archives', 'BEGIN DELETE FROM old.orders; END')}
    ${body('touches', 'BEGIN NEW.state := 1; RETURN NEW; END', 'trigger')} CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touches();
    ${body('runs', "BEGIN EXECUTE 'SELECT ''a''::Stage'; PERFORM closes(); END")}`;
  const found = of('function-mentions-old-name', tables);
  const told = (who: string, name: string) =>
    `high: ${who} ${who.includes(', ') ? 'mention' : 'mentions'} ${name}, a name that means nothing afterwards`;

  it.each<[string, ...string[]]>([
    ['ALTER TABLE orders RENAME state TO s', told('public.closes(), public.touches()', 'orders.state')],
    ['ALTER TABLE orders DROP COLUMN state', told('public.closes(), public.touches()', 'orders.state')],
    ['ALTER TABLE orders RENAME id TO number'],
    ['ALTER TABLE other RENAME state TO s'],
    ['ALTER TABLE orders RENAME TO purchases', told('public.closes()', 'orders')],
    ['DROP TABLE old.orders', told('public.archives()', 'old.orders')],
    ['ALTER TYPE stage RENAME TO step', told('public.runs()', 'stage')],
    ['ALTER FUNCTION closes() RENAME TO shuts', told('public.runs()', 'closes')],
    ['DROP FUNCTION runs()'],
    ['DROP TABLE nowhere'],
    ['ALTER TABLE orders RENAME state TO s; ALTER TABLE orders ADD COLUMN state text'],
    [
      `ALTER TABLE orders RENAME state TO s; ${body('closes', 'BEGIN UPDATE orders SET s = 1; END')} DROP TRIGGER t ON orders; DROP FUNCTION touches()`,
    ],
    [
      `CREATE FUNCTION late() RETURNS int LANGUAGE sql AS 'SELECT id FROM orders'; ALTER TABLE orders RENAME id TO number`,
      told('public.late()', 'orders.id'),
    ],
  ])('%s', async (sql, ...messages) => expect(await found(sql)).toEqual(messages));
});

describe('a view that reads what is renamed', () => {
  const tables = `CREATE TABLE orders (id int, state text); CREATE VIEW v AS SELECT id FROM orders; CREATE TABLE other (id int);`;
  it.each([
    [
      'column-renamed',
      'ALTER TABLE orders RENAME id TO n',
      'orders.id under its new name n; PostgreSQL itself rewrites public.v',
    ],
    ['column-renamed', 'ALTER TABLE orders RENAME state TO s', 'orders.state under its new name s'],
    [
      'table-renamed',
      'ALTER TABLE orders RENAME TO o',
      'orders under its new name o; PostgreSQL itself rewrites public.v',
    ],
    ['table-renamed', 'ALTER TABLE other RENAME TO o', 'other under its new name o'],
  ])('%s: %s', async (rule, sql, message) =>
    expect(await of(rule, tables)(sql)).toEqual([`high: the running release does not know ${message}`]),
  );
});
