import type { Finding } from '../domain/plan.js';
import type { Problem } from '../domain/problem.js';
import { emptySchema } from '../schema/empty.js';
import { relationNamed } from '../schema/resolve.js';
import { parse } from '../sql/parse.js';
import { read } from '../sql/ast.js';
import { check } from './check.js';
import type { OwnRule, Policy } from './policy.js';
import { defineRule } from './rule.js';
import { schemaWith } from './testing.js';

const GIB = 2 ** 30;
const INDEX = 'CREATE INDEX i ON orders (note);';

async function found(sql: string, policy: Partial<Policy>, bytes?: number): Promise<Finding[]> {
  const schema =
    bytes === undefined ? emptySchema() : await schemaWith('CREATE TABLE orders (id int, note text);');
  const orders = relationNamed(schema, 'orders');
  if (orders && bytes !== undefined) orders.bytes = bytes;
  const source = {
    file: 'a.sql',
    linesOfFile: true,
    policy: { raise: {}, busyTables: [], own: [], ...policy },
  };
  return check(await parse(sql), source, schema).findings;
}
const risksOf = async (...args: Parameters<typeof found>) =>
  (await found(...args)).map(({ rule, risk }) => [rule, risk]);

describe('check.raise', () => {
  it('is the least risk of a rule, and says so', async () => {
    const [finding] = await found(INDEX, { raise: { 'index-blocks-writes': 'very-high' } });
    expect(finding).toMatchObject({
      risk: 'very-high',
      raised: { risk: 'medium', reason: 'check.raise has index-blocks-writes at very-high' },
    });
  });

  it('leaves other rules alone, and never lowers', async () => {
    expect(await found(INDEX, { raise: { 'table-dropped': 'very-high' } })).toEqual(await found(INDEX, {}));
    expect(await found('DROP TABLE a', { raise: { 'table-dropped': 'low' } })).toEqual(
      await found('DROP TABLE a', {}),
    );
  });

  it('of a name that any object has raises nothing', async () =>
    expect(await found(INDEX, { raise: {} })).not.toHaveProperty('raised'));

  it('can be allowed by the author as any other risk, which is told', async () => {
    const sql = `-- lockkeeper: allow index-blocks-writes because it is 3 rows\n${INDEX}`;
    expect(await found(sql, { raise: { 'index-blocks-writes': 'very-high' } })).toMatchObject([
      { risk: 'low', allowed: { risk: 'very-high', reason: 'it is 3 rows' }, raised: { risk: 'medium' } },
    ]);
  });
});

describe('check.busyTables', () => {
  it.each([
    ['orders', 'orders', 'high'],
    ['orders', 'public.orders', 'high'],
    ['sales.orders', 'orders', 'high'],
    ['sales.orders', 'shop.orders', 'medium'],
    ['"Orders"', 'Orders', 'medium'],
    ['"Orders"', '"Orders"', 'high'],
    ['events_2026', 'events_*', 'high'],
    ['my_orders', 'orders', 'medium'],
    ['ordersx', 'orders.', 'medium'],
  ])('an index of %s, with %s among them, is %s', async (table, busy, risk) => {
    expect(await risksOf(`CREATE INDEX i ON ${table} (note);`, { busyTables: [busy] })).toEqual([
      ['index-blocks-writes', risk],
    ]);
  });

  it('says which table, and raises nothing that blocks nobody', async () => {
    const [finding] = await found(INDEX, { busyTables: ['orders'] });
    expect(finding?.raised).toEqual({ risk: 'medium', reason: 'orders is in check.busyTables' });
    const beside = 'CREATE INDEX CONCURRENTLY i ON orders (note);';
    expect(await found(beside, { busyTables: ['orders'] })).toEqual(await found(beside, {}));
  });
});

describe('check.largeTableGiB', () => {
  const policy = { largeTableGiB: 10 };

  it.each([
    ['an index', INDEX, ['index-blocks-writes', 'high']],
    ['an index CONCURRENTLY, which is the safe way', 'CREATE INDEX CONCURRENTLY i ON orders (note);', null],
    ['a check that scans', 'ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0);', ['check-scans', 'high']],
    ['a column', 'ALTER TABLE orders ADD COLUMN x text;', null],
  ])('above it: %s', async (_, sql, raisedTo) => {
    const small = await found(sql, policy, 10 * GIB);
    const large = await found(sql, policy, 10 * GIB + 1);
    expect(small.filter(({ raised }) => raised)).toEqual([]);
    if (raisedTo) expect(large.map(({ rule, risk }) => [rule, risk])).toContainEqual(raisedTo);
    else expect(large.map(({ risk }) => risk)).toEqual(small.map(({ risk }) => risk));
  });

  it('says the limit and not the size, which changes by itself and would change the hash of the plan', async () => {
    const [finding] = await found(INDEX, policy, 12_345_678_901);
    expect(finding?.raised?.reason).toBe('orders is larger than check.largeTableGiB, 10 GiB');
  });
});

describe('a rule of the user', () => {
  const own = (check: unknown, more: Partial<OwnRule> = {}): OwnRule => ({
    ...defineRule({
      ...{ id: 'no-note', risk: 'high', effect: 'e', blocks: 'nobody', bad: '', good: '' },
      instead: { says: 'Call it remark.', sql: '', alembic: '' },
    }),
    ...{ file: 'no-note.mjs', check: check as NonNullable<OwnRule['check']> },
    ...more,
  });
  const failure = (rule: OwnRule) =>
    found(INDEX, { own: [rule] }).then(
      () => undefined,
      (error: Problem) => error,
    );

  it('finds what it finds, beside ours, and can be allowed', async () => {
    const rule = own((statement: never) =>
      read(statement, 'IndexStmt')
        ? { message: 'no\n note', relations: [{ name: 'orders', lock: 'SHARE' }] }
        : null,
    );
    expect(await found(INDEX, { own: [rule] })).toMatchObject([
      { rule: 'index-blocks-writes' },
      {
        ...{ rule: 'no-note', risk: 'high', message: 'no note', instead: 'Call it remark.', line: 1 },
        relations: [{ name: 'orders', lock: 'SHARE', blocks: 'writes' }],
      },
    ]);
    const allowed = `-- lockkeeper: allow no-note because it is a note\n${INDEX}`;
    expect((await found(allowed, { own: [rule] })).at(-1)).toMatchObject({ rule: 'no-note', risk: 'low' });
  });

  it('makes no unknown statement a known one', async () => {
    const rule = own(() => ({ message: 'mine' }), { risk: 'low' });
    const rules = (await found('LOAD $$x$$;', { own: [rule] })).map(({ rule: id }) => id);
    expect(rules).toContain('no-note');
    expect(await found('LOAD $$x$$;', {})).toMatchObject([{ risk: 'very-high' }]);
    expect(rules).toEqual(expect.arrayContaining((await found('LOAD $$x$$;', {})).map(({ rule: id }) => id)));
  });

  it('is asked only of what it is for', async () => {
    let asked = 0;
    const rule = own(() => void (asked += 1), { on: ['DropStmt'] });
    await found(`${INDEX} DROP TABLE a; CREATE TABLE b (id int PRIMARY KEY); DROP TABLE b;`, { own: [rule] });
    expect(asked).toBe(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('nope');
      },
      'it threw TypeError: nope',
    ],
    ['answers later', async () => ({ message: 'x', relations: [] }), 'a promise'],
    ['answers with text', () => 'bad', 'something else'],
    ['says nothing', () => ({ relations: [] }), 'no message'],
    ['has a risk of its own', () => ({ message: 'x', risk: 'severe' }), 'the risk severe'],
    ['has a lock of its own', () => ({ message: 'x', relations: [{ name: 'a', lock: 'X' }] }), 'relations'],
  ])('that %s ends the check, and is named with its statement', async (_, checks, why) => {
    const problem = await failure(own(checks));
    expect(problem).toMatchObject({ code: 'own-rule-failed' });
    expect(problem?.told.what).toBe('the rule no-note in no-note.mjs failed on a statement of a.sql');
    expect(problem?.told.why).toContain(why);
    expect(problem?.told.why).toContain('CREATE INDEX i');
  });

  it('cannot change the statement for those after it', async () => {
    const rule = own((statement: Record<string, unknown>) => {
      for (const key of Object.keys(statement)) delete statement[key];
    });
    expect(await found(INDEX, { own: [rule] })).toEqual(await found(INDEX, {}));
  });
});
