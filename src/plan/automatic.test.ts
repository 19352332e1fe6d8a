import { factsWith, pending } from '../../test/support/plan-facts.js';
import { namesIn } from './automatic.js';
import { buildPlan, type PlanFacts } from './build.js';
import { summarise } from './summary.js';

const GiB = 2 ** 30;
const column = pending('1a', 'ALTER TABLE orders ADD COLUMN a text', 'ALTER TABLE orders DROP COLUMN a');
const gateOf = async (facts: PlanFacts) => (await buildPlan(facts)).gate;

describe('a low-risk plan', () => {
  it('runs without people when it was read as a whole, has a way back, and touches no large table', async () => {
    const facts = { ...factsWith(column), tables: [{ name: 'orders', bytes: 10 * GiB }] };
    const gate = await gateOf(facts);
    expect(gate).toMatchObject({ approvals: 0 });
    expect(gate).not.toHaveProperty('notAutomatic');
  });

  it('asks one person when a table that it touches is too large, and says which', async () => {
    const tables = [
      { name: 'orders', bytes: 12.3 * GiB },
      { name: 'coupons', bytes: 8192 },
    ];
    expect(await gateOf({ ...factsWith(column), tables })).toMatchObject({
      approvals: 1,
      notAutomatic: ['orders is 12.3 GiB, the limit is 10.0 GiB'],
    });
  });

  it.each([
    ['missing', '1a has no downgrade'],
    ['raises', '1a refuses to be downgraded'],
    ['empty', '1a has an empty downgrade'],
  ] as const)('asks one person when its downgrade is %s', async (downgrade, why) => {
    const facts = factsWith({ ...column, downgrade });
    expect(await gateOf(facts)).toMatchObject({ approvals: 1, notAutomatic: [why] });
  });

  it('asks one person when its downgrade cannot be rendered', async () => {
    const facts = factsWith({ ...column, downSql: null });
    expect(await gateOf(facts)).toMatchObject({
      notAutomatic: ['the downgrade of 1a cannot be rendered'],
    });
  });

  it('needs no way back for a merge of branches, which does nothing', async () => {
    const merge = pending('2b', "UPDATE alembic_version SET version_num='2b'", '', { downgrade: 'empty' });
    expect(await gateOf(factsWith(column, merge))).not.toHaveProperty('notAutomatic');
  });

  it('asks as many as the settings want when these are more', async () => {
    const facts = factsWith({ ...column, downgrade: 'missing' });
    const approval = { ...facts.approval, people: { ...facts.approval.people, low: 2 } };
    expect(await gateOf({ ...facts, approval })).toMatchObject({ approvals: 2 });
  });

  it('says so in what travels, shortened', async () => {
    const many = Array.from({ length: 9 }, (_, n) => ({ name: `${'t'.repeat(300)}${n}`, bytes: 11 * GiB }));
    const { gate } = summarise(await buildPlan({ ...factsWith(column), tables: many }));
    expect(gate.notAutomatic).toHaveLength(5);
    expect(gate.notAutomatic![0]!.length).toBeLessThanOrEqual(240);
  });

  it('has another hash with another reason', async () => {
    const of = (bytes: number) => buildPlan({ ...factsWith(column), tables: [{ name: 'orders', bytes }] });
    expect((await of(11 * GiB)).planHash).not.toBe((await of(12 * GiB)).planHash);
    expect((await of(1 * GiB)).planHash).toBe((await of(2 * GiB)).planHash);
  });
});

it('leaves higher risks alone: they are asked about anyway', async () => {
  const facts = factsWith(pending('1a', 'CREATE INDEX i ON orders (a)', null, { downgrade: 'missing' }));
  expect(await gateOf(facts)).not.toHaveProperty('notAutomatic');
});

describe('the relations of which the sizes are asked', () => {
  it('are those that the SQL changes, locks or refers to', async () => {
    const sql = `ALTER TABLE sales.orders ADD COLUMN a text; INSERT INTO "Kinds" VALUES (1);
      CREATE TABLE lines (id int REFERENCES products (id))`;
    expect((await namesIn([pending('1a', sql), pending('2b', null)])).relations).toEqual(
      expect.arrayContaining(['sales.orders', '"Kinds"', 'products']),
    );
  });
});
