import { emptySchema } from '../schema/empty.js';
import { schemaFromSql } from '../schema/from-sql.js';
import type { Schema } from '../schema/model.js';
import { actionsOf } from '../sql/ast.js';
import { parse } from '../sql/parse.js';
import { effectsOf, shapesOf } from './effects-of.js';
import { mergeEffects } from './merge.js';
import { noted } from './notation.js';

async function ask(sql: string, schema: Schema, postgres?: number) {
  const parts = await parse(sql);
  const actions = parts.flatMap((part) => ('node' in part ? actionsOf(part.node) : []));
  return {
    effects: mergeEffects(actions.map((action) => effectsOf(action, schema, postgres))),
    shapes: actions.flatMap((action) => shapesOf(action, schema)),
  };
}
const locks = async (sql: string, schema: Schema, postgres?: number) =>
  noted((await ask(sql, schema, postgres)).effects.relations);

describe('without a catalog', () => {
  const none = emptySchema();

  it('knows the relations that the statement names', async () => {
    expect(await locks('ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c', none)).toBe('a=SRE+scan c=SRE+scan');
    expect(await locks('CREATE INDEX ON sales.orders (id)', none)).toBe('sales.orders=S+build1');
  });

  it.each([
    ['ALTER TABLE a DROP COLUMN b', 'tables that a foreign key of b references would be locked as well'],
    [
      'ALTER TABLE a DROP CONSTRAINT b',
      'if b is a foreign key, the table that it references is locked as well',
    ],
    ['ALTER TABLE a ALTER COLUMN b TYPE bigint', 'whether a is rewritten hangs on the type that b has now'],
    ['ALTER TABLE a ALTER COLUMN b SET NOT NULL', 'a valid CHECK (b IS NOT NULL) would spare reading a'],
    ['DROP INDEX i', 'the table of i is locked as well'],
    ['ALTER TABLE a ADD COLUMN b dom', 'if dom is no domain with a condition, adding b rewrites nothing'],
  ])('%s: says what it would tell', async (sql, says) => {
    expect((await ask(sql, none)).effects.unsure).toContain(says);
  });

  it('is as careful as can be about what it does not know', async () => {
    expect(await locks('ALTER TABLE a ALTER COLUMN b TYPE text', none)).toBe('a=AE+rewrite');
    expect(await locks('ALTER TABLE a ADD COLUMN b dom', none)).toBe('a=AE+rewrite');
  });
});

describe('the version of the server', () => {
  const none = emptySchema();

  it('decides where versions differ', async () => {
    const sql = 'ALTER TABLE p ATTACH PARTITION q DEFAULT';
    expect(await locks(sql, none, 11)).toBe('p=AE q=AE+scan');
    expect(await locks(sql, none, 16)).toBe('p=SUE q=AE+scan');
  });

  it('that is not known counts as the worst of them', async () => {
    expect(await locks('ALTER TABLE p ATTACH PARTITION q DEFAULT', none)).toBe('p=AE q=AE+scan');
  });

  it('decides what runs in no transaction, which is certain only where it is so on all', async () => {
    const alone = async (sql: string, postgres?: number) =>
      (await ask(sql, none, postgres)).effects.needsNoTransaction;
    expect(await alone("ALTER TYPE e ADD VALUE 'v'", 11)).toBe(true);
    expect(await alone("ALTER TYPE e ADD VALUE 'v'", 12)).toBe(false);
    expect(await alone("ALTER TYPE e ADD VALUE 'v'")).toBe(false);
    expect(await alone('CREATE INDEX CONCURRENTLY ON a (b)')).toBe(true);
  });

  it('that is newer than all that were measured counts as the last, an older one as the first', async () => {
    expect(await locks('ALTER TABLE p ATTACH PARTITION q DEFAULT', none, 19)).toBe('p=SUE q=AE+scan');
    expect(await locks('ALTER TABLE p ATTACH PARTITION q DEFAULT', none, 10)).toBe('p=AE q=AE+scan');
  });

  it('decides what fails, and fails for certain only where it does on all', async () => {
    const { schema } = await schemaFromSql(
      'CREATE TABLE r (id int PRIMARY KEY); CREATE TABLE p (id int, r int) PARTITION BY RANGE (id)',
    );
    const sql = 'ALTER TABLE p ADD FOREIGN KEY (r) REFERENCES r NOT VALID';
    expect((await ask(sql, schema, 17)).effects.fails).toMatch(/cannot be NOT VALID before PostgreSQL 18/);
    expect((await ask(sql, schema, 18)).effects.fails).toBeUndefined();
    expect((await ask(sql, schema)).effects.fails).toBeUndefined();
  });
});

describe('relations that a statement does not name', () => {
  it('come with the reason', async () => {
    const { schema } = await schemaFromSql(`
      CREATE TABLE shop (id int PRIMARY KEY);
      CREATE TABLE orders (id int PRIMARY KEY, shop_id int REFERENCES shop);
      CREATE TABLE items (order_id int REFERENCES orders);`);
    const { effects } = await ask('DROP TABLE orders CASCADE', schema, 16);
    expect(effects.relations.map(({ name, lock, why }) => [name, lock, why])).toEqual([
      ['orders', 'ACCESS EXCLUSIVE', undefined],
      ['public.orders_pkey', 'ACCESS EXCLUSIVE', 'index of orders'],
      ['shop', 'ACCESS EXCLUSIVE', 'referenced by orders'],
      ['items', 'ACCESS EXCLUSIVE', 'references orders'],
    ]);
  });
});

it('is not known of what the model has no shape for', async () => {
  const unknown = await ask('DO $$ BEGIN DROP TABLE a; END $$; CALL p()', emptySchema());
  expect(unknown.shapes).toEqual([]);
  expect(unknown.effects).toEqual({ shape: '', relations: [], needsNoTransaction: false, unsure: [] });
});
