import type { Backup } from './backup.js';
import { backupText, forecastLines, forecastOf, provedBackup } from './forecast.js';
import type { Fact, RunRecord, StepName } from './record.js';
import type { Rehearsal } from './rehearsal.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 2, 3, 4, second)).toISOString();

const backup: Backup = {
  ...{ id: 'b', path: '/backups/b.dump', manifest: '/backups/b.json', bytes: 41 * 1024 ** 3, level: 'L2' },
  ...{ sha256: 'a'.repeat(64), startedAt: at(0), finishedAt: at(30) },
};

const hash = 'e'.repeat(64);
const rehearsal: Rehearsal = {
  ...{ backupProved: 'L3', restoreMs: 50_000, bytes: 1, forwardMs: 4_000, backMs: 1_500, againMs: 4_000 },
  ...{ noWayBack: null, againFailed: null, statements: 2, schemaBack: 'same', rowsBack: 'same' },
  ...{ checks: 'passed', file: `/state/rehearsals/${hash}.json` },
  revisions: [
    { revision: '0002', ms: 3_900, longestStatementMs: 3_800, longestStatement: 'ALTER TABLE orders …' },
    { revision: '0003', ms: 100, longestStatementMs: 0, longestStatement: '' },
  ],
};

/** A deploy whose steps took so many seconds each. */
function deployed(steps: Partial<Record<StepName, number>>): RunRecord {
  let now = 0;
  const facts = Object.entries(steps).flatMap(([step, seconds]): Fact[] => {
    const began = at(now);
    now += seconds;
    return [
      { at: began, kind: 'started', step: step as StepName },
      { at: at(now), kind: 'finished', step: step as StepName },
    ];
  });
  return {
    ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'w', runId: 'r', steps: [], facts },
    outcome: 'done',
  };
}

describe('the forecast', () => {
  it('adds up backup, migration and what the rest took at the last deploy, where the site is closed', () => {
    const last = deployed({ check: 99, 'maintenance on': 1, migrate: 77, verify: 2, deploy: 3, health: 4 });
    const forecast = forecastOf('high-risk', rehearsal, backup, [
      { ...deployed({ deploy: 500 }), outcome: 'undone' },
      last,
    ]);
    expect(forecast).toMatchObject({
      ...{ backUp: 30_000, migrate: 4_000, rest: 10_000, closed: 44_000, goBack: 1_500, restore: 50_000 },
      rehearsal: hash,
    });
    expect(forecastLines(forecast)).toEqual([
      'the site will be closed for about 44.0 s: back up 30.0 s, migrate 4.0 s, verify and start 10.0 s as at the last deploy',
      'going back: the downgrade took 1.5 s, restoring the backup 50.0 s, LONGER than the site will be closed (44.0 s)',
      '0002 3.9 s, the longest statement 3.8 s: ALTER TABLE orders …',
      '0003 100 ms',
    ]);
  });

  it('says what it does not know', () => {
    const forecast = forecastOf('very-high-risk', { ...rehearsal, backMs: null }, backup, []);
    expect(forecast).toMatchObject({ rest: null, closed: 34_000 });
    expect(forecastLines(forecast)[0]).toBe(
      'the site will be closed for 34.0 s (back up 30.0 s, migrate 4.0 s), and as long as the release takes ' +
        'to start: no deploy on record says how long',
    );
    expect(forecastLines(forecast)[1]).toContain('the way back was not tried');
  });

  it('has the site open at medium risk, and stays small with many revisions', () => {
    const revisions = Array.from({ length: 50 }, (_, n) => ({
      ...{ revision: `r${n}`, ms: n, longestStatementMs: n, longestStatement: '표'.repeat(120) },
    }));
    const forecast = forecastOf('medium-risk', { ...rehearsal, revisions }, backup, []);
    expect(forecast.closed).toBeNull();
    expect(forecastLines(forecast)[0]).toBe('the site stays open; the migration took 4.0 s on the copy');
    expect(forecast.slowest.map(({ revision }) => revision).slice(0, 2)).toEqual(['r40', 'r41']);
    expect(Buffer.byteLength(JSON.stringify(forecast))).toBeLessThan(6_000);
  });

  it('tells which backup it is, how large, and how far it is proved', () => {
    expect(backupText(provedBackup(backup))).toBe(
      '41.0 GiB in /backups/b.dump, as of 2026-01-02 03:04:00 UTC, proved (L3): it was restored, and compared with its manifest',
    );
  });
});
