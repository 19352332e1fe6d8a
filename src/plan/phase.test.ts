import { factsWith, pending } from '../../test/support/plan-facts.js';
import type { Mentions } from '../domain/phase.js';
import { buildPlan } from './build.js';
import { contractStepsOf } from './phase.js';

const phase = async (...sql: string[]) => {
  const revisions = sql.map((one, at) => pending(`r${at}`, one));
  const plan = await buildPlan(factsWith(...revisions));
  return [plan.phase?.phase, ...(plan.phase?.steps.map(({ what }) => what) ?? [])];
};

describe('the phase of a run', () => {
  it.each<[string, ...string[]]>([
    ['ALTER TABLE orders ADD COLUMN a int', 'expand'],
    ['CREATE TABLE t (id int); ALTER TABLE t ADD b int NOT NULL; DROP TABLE t', 'expand'],
    ["ALTER TYPE state ADD VALUE 'x'", 'expand'],
    ['CREATE INDEX i ON orders (a)', 'neutral'],
    ["COMMENT ON TABLE orders IS 'x'", 'neutral'],
    ['ALTER TABLE orders DROP COLUMN a, ADD COLUMN b int', 'contract', 'drops orders.a'],
    ['DROP TABLE orders', 'contract', 'drops the table orders'],
    ['ALTER TABLE orders RENAME COLUMN a TO b', 'contract', 'renames orders.a'],
    ['ALTER TABLE orders RENAME TO sales', 'contract', 'renames orders'],
    ['ALTER TABLE orders ALTER COLUMN a SET NOT NULL', 'contract', 'requires a value of orders.a'],
    ['ALTER TABLE orders ALTER COLUMN a TYPE int', 'contract', 'changes the type of orders.a'],
    ['ALTER TABLE orders ALTER COLUMN a DROP DEFAULT', 'contract', 'drops the default of orders.a'],
    ['ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID', 'contract', 'demands a check of orders'],
    ['CREATE UNIQUE INDEX i ON orders (a)', 'contract', 'demands uniqueness of orders (a)'],
    ['ALTER TABLE orders ADD COLUMN a int NOT NULL', 'contract', 'requires a value of the new orders.a'],
    [
      'ALTER TABLE orders ADD COLUMN a int NOT NULL DEFAULT 1; ALTER TABLE orders ALTER COLUMN a DROP DEFAULT',
      'contract',
      'requires a value of the new orders.a',
    ],
    ['ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ALTER COLUMN a TYPE bigint', 'expand'],
    ['ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders DROP COLUMN a', 'expand'],
  ])('%s', async (sql, ...expected) => expect(await phase(sql)).toEqual(expected));

  it('is that of the gravest revision, and each has its own', async () => {
    const plan = await buildPlan(
      factsWith(pending('a', 'ALTER TABLE t ADD COLUMN a int'), pending('b', 'ALTER TABLE t DROP COLUMN b')),
    );
    expect(plan.revisions.map((one) => one.phase)).toEqual(['expand', 'contract']);
    expect(plan.phase).toMatchObject({ phase: 'contract', steps: [{ usage: 'not known', places: [] }] });
  });

  it('is contract where a revision is not known', async () => {
    expect(await buildPlan(factsWith(pending('a', null)))).toMatchObject({ phase: { phase: 'contract' } });
  });

  it('finds what the running release still speaks of, with the place', async () => {
    const revisions = [pending('a', 'ALTER TABLE orders DROP COLUMN note, DROP COLUMN b, DROP COLUMN name')];
    expect((await contractStepsOf(revisions)).map(({ column }) => column)).toEqual(['note', 'b', 'name']);
    const mentions: Mentions = {
      files: 3,
      found: {
        'orders.note': { usage: 'yes', places: ['app/models.py:12'] },
        'orders.b': { usage: 'no', places: [] },
        'orders.name': { usage: 'maybe', places: ['app/users.py:3'] },
      },
    };
    const plan = await buildPlan({ ...factsWith(...revisions), mentions });
    const found = plan.findings.filter(({ rule }) => rule === 'running-release-uses');
    expect(found.map(({ message }) => message)).toEqual([
      'it drops orders.note, which r1 uses: app/models.py:12',
      'it drops orders.name, which r1 may use: app/users.py:3',
    ]);
  });
});
