import { buildPlan } from './build.js';
import { summarise } from './summary.js';
import { factsWith, pending } from '../../test/support/plan-facts.js';

const size = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

describe('summarise', () => {
  it('tells the gravest findings in a sentence each', async () => {
    const plan = await buildPlan(
      factsWith(pending('1a', 'CREATE INDEX i ON orders (a); DROP TABLE coupons; SELECT 1')),
    );
    expect(summarise(plan)).toEqual({
      planHash: plan.planHash,
      target: 'shop',
      release: 'r2',
      running: 'r1',
      from: ['0a'],
      to: ['1a'],
      revisions: 1,
      risk: 'very-high',
      procedure: 'very-high-risk',
      coverage: { analysed: 3, total: 3 },
      findings: [
        '1a: dropping coupons removes all rows for good (very-high, table-dropped)',
        '1a: building i blocks writes to orders (medium, index-blocks-writes)',
      ],
      gate: expect.objectContaining({ approvals: 2, requesterMayApprove: false }) as unknown,
      rehearsed: null,
      rollback: expect.arrayContaining([expect.stringContaining('deploy release r1 again')]) as unknown,
      fingerprint: 'f00d',
    });
  });

  it('stays below 32 KB with 200 revisions and 2,000 findings, whatever the names', async () => {
    const name = `"${'표\u0001😀'.repeat(400)}"`;
    const sql = Array.from({ length: 10 }, (_, n) => `DROP TABLE ${name.slice(0, -1)}${n}";`).join('\n');
    const revisions = Array.from({ length: 200 }, (_, n) => pending(`${'é\u0002'.repeat(300)}${n}`, sql));
    const heads = revisions.map(({ revision }) => revision);
    const plan = await buildPlan({
      ...factsWith(...revisions),
      release: name.repeat(9),
      to: heads,
      from: heads,
    });
    expect(plan.findings).toHaveLength(2_000);
    const summary = summarise(plan);
    expect(size(summary)).toBeLessThan(32 * 1024);
    expect(summary.findings).toHaveLength(20);
    expect(summary.to.at(-1)).toBe('and 180 more');
  });
});
