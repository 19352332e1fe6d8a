import { buildPlan } from './build.js';
import { canonical, planHashOf } from './canonical.js';
import { factsWith, pending } from '../../test/support/plan-facts.js';

describe('buildPlan', () => {
  it('judges each revision, and takes the highest risk for the plan', async () => {
    const plan = await buildPlan(
      factsWith(
        pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)', 'DROP TABLE t'),
        pending('2b', 'CREATE INDEX i ON orders (a)', 'DROP INDEX i'),
        pending('3c', 'ALTER TABLE orders ALTER a SET NOT NULL', 'ALTER TABLE orders ALTER a DROP NOT NULL'),
      ),
    );
    expect(plan.revisions.map(({ revision, risk }) => [revision, risk])).toEqual([
      ['1a', 'low'],
      ['2b', 'medium'],
      ['3c', 'high'],
    ]);
    expect(plan).toMatchObject({ risk: 'high', procedure: 'high-risk', coverage: { analysed: 3, total: 3 } });
    expect(plan.findings.map(({ revision, rule, file }) => [revision, rule, file])).toEqual([
      ['2b', 'index-blocks-writes', 'versions/2b.py'],
      ['3c', 'not-null-scans', 'versions/3c.py'],
    ]);
  });

  it('knows in a later revision what an earlier one made', async () => {
    const plan = await buildPlan(
      factsWith(
        pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)'),
        pending('2b', 'CREATE INDEX i ON t (id)'),
      ),
    );
    expect(plan).toMatchObject({ risk: 'low', procedure: 'low-risk', findings: [] });
  });

  it('judges at the end what a later revision may mend, and says it of the revision that did it', async () => {
    const key = pending('1a', 'CREATE TABLE t (id int PRIMARY KEY, shop_id int REFERENCES shops)');
    const told = async (...more: ReturnType<typeof pending>[]) =>
      (await buildPlan(factsWith(key, ...more))).findings.map(({ revision, rule }) => [revision, rule]);
    const locks = ['1a', 'table-referenced'];
    expect(await told(pending('2b', 'CREATE TABLE u (id int PRIMARY KEY)'))).toEqual([
      locks,
      ['1a', 'foreign-key-without-index'],
    ]);
    expect(await told(pending('2b', 'CREATE INDEX i ON t (shop_id)'))).toEqual([locks]);
  });

  it('deploys only when nothing is pending', async () => {
    expect(await buildPlan(factsWith())).toMatchObject({
      risk: 'low',
      procedure: 'deploy-only',
      revisions: [],
    });
  });

  it('counts a revision that cannot be rendered as very high, and says why', async () => {
    const plan = await buildPlan(
      factsWith(pending('1a', null, null, { upError: 'Traceback\nTypeError: NoneType is not iterable' })),
    );
    expect(plan).toMatchObject({ risk: 'very-high', coverage: { analysed: 0, total: 1 } });
    expect(plan.findings[0]).toMatchObject({
      rule: 'not-analysable',
      message: 'the revision cannot be rendered without the database: TypeError: NoneType is not iterable',
    });
  });

  it(
    'does not trust what a revision renders that asks the database, nor what it is said to ' + 'have made',
    async () => {
      const plan = await buildPlan(
        factsWith(
          pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)'),
          pending('2b', 'SELECT 1', 'DROP TABLE t', { onlineHints: ['get_bind'] }),
          pending('3c', 'DROP TABLE t'),
        ),
      );
      expect(plan.findings.map(({ revision, rule }) => `${revision} ${rule}`)).toEqual([
        '2b not-analysable',
        '3c table-dropped',
      ]);
      expect(plan.coverage).toEqual({ analysed: 3, total: 4 });
      expect(plan.rollback[3]).toContain('not known, as the revision asks the database');
    },
  );

  it('says what an undo loses, the last change first', async () => {
    const plan = await buildPlan(
      factsWith(
        pending(
          '1a',
          'CREATE TABLE t (id int PRIMARY KEY)',
          'DROP TABLE t; UPDATE alembic_version SET version_num=1',
        ),
        pending('2b', 'SELECT 1', 'DROP INDEX i'),
        pending('3c', 'SELECT 1', '', { downgrade: 'empty' }),
        pending('4d', 'SELECT 1', null, { downgrade: 'raises' }),
        pending('5e', 'SELECT 1', null, { downgrade: 'missing', doc: '' }),
        pending('6f', 'SELECT 1', 'ALTER TABLE orders DROP COLUMN a; UPDATE orders SET b = 1'),
        pending('7a', 'SELECT 1', null, { downError: 'boom' }),
      ),
    );
    expect(plan.rollback).toEqual([
      'deploy release r1 again',
      'downgrade 7a (about 7a): what it loses is not known, as it cannot be rendered (boom)',
      'downgrade 6f (about 6f): loses what was written to the column orders.a; what 1 statement ' +
        'of it loses is not known',
      '5e (no description) has no downgrade: its change stays',
      '4d (about 4d) refuses to be downgraded: its change stays',
      '3c (about 3c) has an empty downgrade: its change stays, though Alembic counts it as undone',
      'downgrade 2b (about 2b): loses nothing',
      'downgrade 1a (about 1a): loses what was written to the table t',
    ]);
    expect((await buildPlan({ ...factsWith(), running: null })).rollback).toEqual([
      'no release is known to go back to',
    ]);
  });

  it('makes the same plan of the same facts, in whatever order their keys were written', async () => {
    const facts = factsWith(pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)'));
    const turned = { ...facts, settings: Object.fromEntries(Object.entries({ b: 1, a: 2 })) };
    const other = { ...facts, settings: { a: 2, b: 1 } };
    expect((await buildPlan(turned)).planHash).toBe((await buildPlan(other)).planHash);
  });

  it('has another hash whenever one of its facts differs', async () => {
    const one = pending('1a', 'CREATE TABLE t (id int PRIMARY KEY)', 'DROP TABLE t');
    const facts = factsWith(one);
    const others = [
      { ...facts, target: 'x' },
      { ...facts, release: 'r3' },
      { ...facts, running: null },
      { ...facts, from: ['x'] },
      { ...facts, to: ['x'] },
      { ...facts, settings: {} },
      { ...facts, standing: { ...facts.standing, fingerprint: 'x' } },
      { ...facts, standing: { ...facts.standing, revisions: [] } },
      { ...facts, transactionPerMigration: true },
      { ...facts, versionTable: { name: 'x', schema: null } },
      { ...facts, ownRules: [{ file: 'a.mjs', sha256: 'beef' }] },
      { ...facts, ownRules: [{ file: 'a.mjs', sha256: 'cafe' }] },
      factsWith({ ...one, sha256: 'x' }),
      factsWith({ ...one, upSql: 'CREATE TABLE t (id bigint)' }),
      factsWith({ ...one, downSql: '' }),
      factsWith({ ...one, downgrade: 'raises' }),
    ];
    const hashes = (await Promise.all([facts, ...others].map(buildPlan))).map(({ planHash }) => planHash);
    expect(new Set(hashes).size).toBe(others.length + 1);
  });

  it('raises what its settings raise, also what no statement has shown', async () => {
    const facts = factsWith(
      pending('1a', 'CREATE INDEX i ON orders (a)', 'DROP INDEX i', { downgrade: 'missing' }),
    );
    const raise = { 'downgrade-missing': 'very-high' } as const;
    const plan = await buildPlan({ ...facts, policy: { raise, busyTables: ['orders'], own: [] } });
    expect(plan).toMatchObject({ risk: 'very-high', procedure: 'very-high-risk', gate: { approvals: 2 } });
    expect(plan.findings).toMatchObject([
      { rule: 'index-blocks-writes', risk: 'high', raised: { risk: 'medium' } },
      {
        rule: 'downgrade-missing',
        risk: 'very-high',
        raised: { reason: expect.stringContaining('check.raise') },
      },
    ]);
  });

  it('keeps its hash when it was written to a file and read again', async () => {
    const plan = await buildPlan(factsWith(pending('1a', 'DROP TABLE "Ünï"')));
    const again = JSON.parse(canonical(plan)) as typeof plan;
    expect(planHashOf(again)).toBe(plan.planHash);
  });

  it('leaves out of the plan what an inspection knows besides', async () => {
    const extra = { ...pending('1a', 'SELECT 1'), labels: ['x'], tooLong: false };
    expect((await buildPlan(factsWith(extra))).revisions[0]).not.toHaveProperty('labels');
  });
});

describe('canonical', () => {
  it('sorts keys at every depth, leaves lists as they are, and leaves out what is undefined', () => {
    const value = { b: [{ d: 1, c: [3, 1] }], a: { z: null, y: undefined } };
    expect(canonical(value)).toBe('{"a":{"z":null},"b":[{"c":[3,1],"d":1}]}');
    expect(canonical(undefined)).toBe('null');
  });
});
