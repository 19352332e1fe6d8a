import type { PendingRevision, PlanFacts } from '../../src/plan/facts.js';

/** A pending revision for tests, named `id`, with SQL up and down. */
export const pending = (
  id: string,
  upSql: string | null,
  downSql: string | null = '',
  more: Partial<PendingRevision> = {},
): PendingRevision => ({
  revision: id,
  down: [],
  doc: `about ${id}`,
  file: `versions/${id}.py`,
  sha256: id.padEnd(64, '0'),
  upSql,
  downSql,
  downgrade: 'code',
  ...more,
});

/** Facts for tests: a shop that goes from release r1 to r2 with those revisions. */
export const factsWith = (...revisions: PendingRevision[]): PlanFacts => ({
  target: 'shop',
  release: 'r2',
  running: 'r1',
  from: ['0a'],
  to: revisions.slice(-1).map(({ revision }) => revision),
  revisions,
  settings: { backup: { folder: '/backups' } },
  standing: { revisions: ['0a'], fingerprint: 'f00d' },
  versionTable: { name: 'alembic_version', schema: null },
  transactionPerMigration: false,
  approval: {
    approvers: [],
    team: 'several',
    minutesApart: 15,
    planAgeMinutes: 2_880,
    deadlineMinutes: 1_440,
    reminderMinutes: 60,
    people: { low: 0, medium: 1, high: 1, 'very-high': 2 },
    requesterMayApprove: true,
  },
  windows: { low: [], medium: [], high: [], 'very-high': [] },
  automatic: { largestTableGiB: 10 },
  tables: [],
});
