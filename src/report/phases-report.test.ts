import type { ReportedRun } from '../domain/phases/reported.js';
import type { PhasesStatus } from '../domain/phases/status.js';
import type { Fact } from '../domain/record.js';
import { htmlPage } from './html.js';
import { phasesReport } from './phases-report.js';

const RUN = '01a21a00-a918-7da9-9eeb-31ee017b5268';
const at = (minute: number) => new Date(Date.UTC(2026, 10, 26, 12, minute)).toISOString();

const facts = [
  { at: at(0), kind: 'requested', by: 'ana', words: 'deploy' },
  { at: at(0), kind: 'started', step: 'check' },
  { at: at(1), kind: 'finished', step: 'check', note: '1 pending | low <b>risk</b>' },
  {
    at: at(1),
    kind: 'planned',
    plan: {
      ...{
        planHash: 'ab'.repeat(32),
        target: 'shop',
        release: 'r2',
        running: 'r1',
        from: ['0001'],
        to: ['0002'],
      },
      ...{ revisions: 1, risk: 'medium', procedure: 'medium-risk', coverage: { analysed: 1, total: 1 } },
      ...{
        gate: {},
        rehearsed: 'backup proved',
        findings: ['0002: x (low, y)'],
        rollback: [],
        fingerprint: 'f',
      },
      ...{ upTo: 'expand of note', stallBudgetMs: 3_000 },
    },
  },
  { at: at(2), kind: 'said', message: 'approve', by: 'bo', via: 'update', note: 'looks | well' },
] as unknown as readonly Fact[];

const run: ReportedRun = {
  record: {
    ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'lockkeeper:shop', runId: RUN },
    ...{ steps: ['check'], outcome: 'done', facts },
  },
  locks: [{ name: 'orders', lock: 'ACCESS EXCLUSIVE', blocks: 'reads and writes', measured: true }],
  statements: [
    { revision: '0002', sql: "ALTER TABLE orders ADD note text DEFAULT 'a|b'", ms: 14.5, rows: null },
  ],
  sent: 3,
};

const status = {
  ...{ target: 'shop', change: 'note', requestedBy: 'ana', state: 'waits', phase: 'contract' },
  says: 'contract waits until no old code is left',
  ...{ next: ['lockkeeper phases go shop note'], until: null, notes: ['<i>known</i>'], failure: null },
  lines: [
    { phase: 'expand', state: 'done', says: 'done', began: at(0), ended: at(3), runId: RUN },
    { phase: 'contract', state: 'waits', says: 'old code may be left' },
  ],
  ...{ plans: [], runs: [RUN, 'gone'] },
  said: [`${at(3)} expand is done`, `${at(4)} ana: go (overrules: in | a hurry)`],
  proof: {
    holds: false,
    evidence: [{ source: 'processes', says: 'process 7 runs', holds: false, next: ['kill 7'] }],
    missing: ['statements: no rights'],
  },
  at: at(5),
} as unknown as PhasesStatus;

const page = phasesReport(status, [run]);

it.each([
  [
    'a phase with its risk, times and run',
    `| expand | ✓ done | medium | 2026-11-26 12:00 | 2026-11-26 12:03 | 3 min 0 s | done | [017b5268](#run-${RUN}) |`,
  ],
  ['old code by name, and what to do', '| processes | ! LEFT | process 7 runs | kill 7 |'],
  ['what could not be looked at', '- not seen: statements: no rights'],
  [
    'who decided what, of the change and of its runs',
    '| 2026-11-26 12:02 | bo: approve (looks \\| well) | expand |\n| 2026-11-26 12:03 | expand is done |  |\n| 2026-11-26 12:04 | ana: go (overrules: in \\| a hurry) |  |',
  ],
  ['locks', '| `orders` | ACCESS EXCLUSIVE | reads and writes | the rehearsal, which measured it |'],
  ['statements', "| 0002 | `ALTER TABLE orders ADD note text DEFAULT 'a\\|b'` | 15 ms |  |"],
  ['that there are more', 'And 2 statements more.'],
  ['steps', '| check | done | 1 min 0 s | 1 pending \\| low \\<b\\>risk\\</b\\> |'],
  ['what to do', '- lockkeeper phases go shop note'],
  ['runs without a record', '## Runs whose records are not here\n\n- gone'],
])('has %s', (_, line) => {
  expect(page).toContain(line);
});

it('as HTML has each of its tables whole, and nothing that people wrote as markup', () => {
  const html = htmlPage('note of shop', page);
  expect(html.match(/<table>/g)).toHaveLength(6);
  expect(html).toContain('<td>bo: approve (looks | well)</td>');
  expect(html).toContain("DEFAULT 'a|b'".replaceAll("'", '&#39;'));
  expect(html).not.toMatch(/<[bi]>/);
});
