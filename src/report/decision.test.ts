import { buildPlan } from '../plan/build.js';
import { summarise } from '../plan/summary.js';
import type { Plan, PlanSummary } from '../domain/plan.js';
import type { RunRecord } from '../domain/record.js';
import { factsWith, pending } from '../../test/support/plan-facts.js';
import { decisionJson } from './decision-json.js';
import { decisionText } from './decision.js';

const drop = pending('3c9f2e1', 'DROP TABLE coupons', 'CREATE TABLE coupons (code text)', {
  doc: 'coupons are over',
});

const measured: Pick<PlanSummary, 'rehearsed' | 'backup' | 'forecast'> = {
  rehearsed: 'backup proved; forward, back and forward again',
  backup: {
    ...{ path: '/backups/b.dump', bytes: 2048, sha256: 'a'.repeat(64), takenAt: '2026-01-02T03:04:05.000Z' },
    level: 'L3',
  },
  forecast: {
    ...{ backUp: 2_000, migrate: 300, rest: 4_000, closed: 6_300, goBack: null, restore: 5_000 },
    slowest: [
      { revision: '3c9f2e1', ms: 300, longestStatementMs: 250, longestStatement: 'DROP TABLE coupons' },
    ],
    rehearsal: 'e'.repeat(64),
  },
};

const at = '2026-01-02T03:04:05.000Z';
const waiting = (plan: Plan, more: Partial<PlanSummary> = measured): RunRecord => ({
  ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'lockkeeper:shop', runId: 'r' },
  ...{ steps: ['check', 'back up', 'approve'], outcome: 'waiting' },
  facts: [
    { at, kind: 'requested', by: 'ana', words: 'deploy' },
    { at, kind: 'started', step: 'back up' },
    { at, kind: 'finished', step: 'back up', note: '2.0 KiB in /backups/b.dump' },
    { at, kind: 'planned', plan: { ...summarise(plan), ...more } },
    { at, kind: 'started', step: 'approve' },
    {
      ...{ at, kind: 'asked', planHash: plan.planHash, approvals: 2, manual: false },
      until: '2026-01-03T03:04:05.000Z',
    },
  ],
});

describe('decisionText', () => {
  it('says what each release does on the schema before and after, where that was tried', async () => {
    const plan = await buildPlan(factsWith(drop));
    const releases = ['r1 on the new schema passes: the release may be deployed after the migration'];
    const text = decisionText(waiting(plan, { ...measured, releases }), plan);
    expect(text).toContain(`The releases on the copy:\n  ${releases[0]}`);
    expect(decisionText(waiting(plan), plan)).not.toContain('The releases on the copy');
  });

  it('shows all that is decided: findings, SQL, rehearsal, forecast, backup, what a rollback loses', async () => {
    const plan = await buildPlan(factsWith(drop));
    const text = decisionText(waiting(plan), plan).replaceAll(plan.planHash.slice(0, 12), '<hash>');
    expect(text).toMatchInlineSnapshot(`
      "shop  r1 → r2   1 revision, 1 statement   plan <hash>

        3c9f2e1  coupons are over                                                      versions/3c9f2e1.py
             DROP TABLE coupons                                                                  very-high
               dropping coupons removes all rows for good
               ACCESS EXCLUSIVE on coupons: reads and writes wait; may lose data; may break the running
               release
               Instead: Release code that no longer uses the table, then rename it, and drop it some
               releases later. [table-dropped]

      1 of 1 statement analysed, findings: 1 very-high.
      The very-high-risk procedure applies: proven backup, two people approve, the site is closed.
      Only a restore brings back what is lost.
      Phase: contract, drops the table coupons; whether r1 still uses it is not known

      The SQL:
        -- forward: 3c9f2e1 coupons are over (versions/3c9f2e1.py)
        DROP TABLE coupons

      The rehearsal on a copy:
        backup proved; forward, back and forward again

      The forecast:
        the site will be closed for about 6.3 s: back up 2.0 s, migrate 300 ms, verify and start 4.0 s as
          at the last deploy
        going back: the way back was not tried, restoring the backup 5.0 s
        3c9f2e1 300 ms, the longest statement 250 ms: DROP TABLE coupons

      The backup:
        2.0 KiB in /backups/b.dump, as of 2026-01-02 03:04:05 UTC, proved (L3): it was restored, and
          compared with its manifest

      To undo it:
        what this removes or changes comes back only by a restore of the backup
        deploy release r1 again
        downgrade 3c9f2e1 (coupons are over): loses nothing

      lockkeeper:shop  deploy (waiting for a decision), asked for by ana at 03:04:05 UTC
      release r1 → r2   revisions 0a → 3c9f2e1   risk very-high   plan <hash>

        done    back up                      0 ms   2.0 KiB in /backups/b.dump
        now     approve
        to do   check

      The database is unchanged, the release is unchanged.

      Waits for 2 different people until 2026-01-03 03:04 UTC:
        lockkeeper approve shop               shows the plan and asks
        lockkeeper approve shop --plan <hash>
        lockkeeper reject shop --plan <hash> --note "…""
    `);
  });

  it('says what is not known where nothing was rehearsed, and that the backup was not restored', async () => {
    const plan = await buildPlan(factsWith(drop));
    const text = decisionText(waiting(plan, {}), plan);
    expect(text).toContain('The rehearsal on a copy:\n  none');
    expect(text).toContain('nothing was measured, as the plan was not rehearsed');
    expect(text).toContain('2.0 KiB in /backups/b.dump, read back to its end (L2); it was not restored');
  });

  it('shows what the run itself says where the whole plan cannot be had, and why', async () => {
    const plan = await buildPlan(factsWith(drop));
    const text = decisionText(waiting(plan), 'no worker answers');
    expect(text).toContain('The whole plan cannot be shown here: no worker answers');
    expect(text).toContain('3c9f2e1: dropping coupons removes all rows for good (very-high, table-dropped)');
    expect(text).toContain('the site will be closed for about 6.3 s');
    expect(text).toContain(
      'To undo it:\n  what this removes or changes comes back only by a restore of the backup\n  deploy release r1 again',
    );
  });

  it('shows 300 lines of SQL, and says where the rest is', async () => {
    const long = `INSERT INTO t VALUES ('${'x'.repeat(3_000)}');`;
    const plan = await buildPlan(factsWith(pending('1', `${long}\n${'SELECT 1;\n'.repeat(400)}`)));
    const text = decisionText(waiting(plan), plan);
    expect(text).toContain('and 102 more lines. All: lockkeeper approve shop --json');
    expect(text).toMatch(/x … and 2\d{3} more characters\. All: lockkeeper approve shop --json/);
  });
});

describe('decisionJson', () => {
  it('has the whole plan, backup, forecast, and how to answer', async () => {
    const plan = await buildPlan(factsWith(drop));
    const json = decisionJson(waiting(plan), plan, 'lockkeeper');
    expect(json).toMatchObject({
      ...{ schemaVersion: 1, target: 'shop', asked: { planHash: plan.planHash } },
      plan: { revisions: [{ upSql: 'DROP TABLE coupons' }], findings: [{ rule: 'table-dropped' }] },
      ...{ backup: measured.backup, forecast: measured.forecast },
      status: { waitsFor: { what: 'decision', approvals: 2, approved: [] } },
    });
    expect(decisionJson(waiting(plan), 'gone', 'lockkeeper')).toMatchObject({
      ...{ plan: null, planMissing: 'gone', summary: { risk: 'very-high' } },
    });
  });
});
