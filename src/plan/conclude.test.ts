import type { RehearsalConclusion } from '../domain/conclusion.js';
import { gateSettingsFor } from '../domain/gate-settings.js';
import type { Finding, Plan } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';
import { riskOf } from '../domain/verdict.js';
import { concluded } from './conclude.js';
import type { ReadRevision } from './rehearsed.js';

const conclusion: RehearsalConclusion = {
  ...{ backupProved: 'L3', noWayBack: null, againFailed: null, schemaBack: 'same', rowsBack: 'same' },
  checks: 'passed',
};
const approval = {
  ...{ approvers: [], team: 'several' as const, minutesApart: 15, planAgeMinutes: 60, deadlineMinutes: 60 },
  ...{
    reminderMinutes: 5,
    requesterMayApprove: true,
    people: { low: 0, medium: 1, high: 1, 'very-high': 2 },
  },
};
const gateFor = (risk: Risk) =>
  gateSettingsFor(risk, 'shop', approval, { low: [], medium: [], high: [], 'very-high': [] });

const finding = (rule: string, risk: Risk, more: Partial<Finding> = {}): Finding => ({
  ...{
    rule,
    risk,
    revision: 'a',
    file: 'a.py',
    statement: '',
    relations: [],
    dataLoss: true,
    breaksRunning: true,
  },
  ...{ evidence: 'static', message: `found by ${rule}`, instead: '' },
  ...more,
});
const planOf = (findings: Finding[]): Plan =>
  ({
    ...{
      planHash: 'h',
      findings,
      risk: riskOf(findings),
      procedure: 'very-high-risk',
      gate: gateFor(riskOf(findings)),
    },
    ...{
      coverage: { analysed: 1, total: 2 },
      revisions: [{ revision: 'a', risk: riskOf(findings) }],
      rehearsal: null,
    },
  }) as unknown as Plan;

const rows = (updated: number, deleted: number) =>
  [['public.orders', 1, 10, 0, 0, updated, deleted]] as const;
const trace = { open: true, walBytes: 0, locks: [], rewritten: [], dropped: [], rows: [] };
const sent = (findings: Finding[], more: object = {}): ReadRevision[] => [
  {
    revision: 'a',
    statements: [{ revision: 'a', sql: 'DO x', ms: 1, heldMs: 1, trace: { ...trace, ...more } }],
    findings,
  },
];
const block = finding('code-block', 'very-high', { statement: 'DO x' });

it('what could not be read drops to high when all that it sent is known and takes nothing away', () => {
  const read = sent([finding('column-added', 'low')]);
  const plan = concluded(planOf([finding('not-analysable', 'very-high')]), { conclusion, read, gateFor });
  expect(plan).toMatchObject({ risk: 'high', procedure: 'high-risk', coverage: { analysed: 2, total: 2 } });
  expect(plan.gate.approvals).toBe(1);
  expect(plan.revisions[0]?.risk).toBe('high');
  expect(plan.findings.map(({ rule, risk, evidence }) => [rule, risk, evidence])).toEqual([
    ['not-analysable', 'high', 'rehearsal'],
    ['column-added', 'low', 'rehearsal'],
  ]);
});

it.each([
  ['it sent something of very high risk', sent([finding('table-dropped', 'very-high')])],
  ['its block changed rows', sent([block], { rows: rows(3, 0) })],
  ['its block deleted rows', sent([block], { rows: rows(0, 1) })],
  ['its block dropped a table', sent([block], { dropped: ['public.orders'] })],
  [
    'its block was not measured',
    [{ ...sent([block])[0]!, statements: [{ revision: 'a', sql: 'DO x', ms: 1, heldMs: 1 }] }],
  ],
  ['nobody saw what it sent', []],
])('it stays very high when %s', (_, read) => {
  const plan = concluded(planOf([block]), { conclusion, read, gateFor });
  expect(plan).toMatchObject({ risk: 'very-high', gate: { approvals: 2 } });
});

it('another finding of very high risk keeps the plan there, and so do settings that raise it', () => {
  const other = finding('table-dropped', 'very-high', { revision: 'b' });
  expect(concluded(planOf([block, other]), { conclusion, read: sent([block]), gateFor }).risk).toBe(
    'very-high',
  );
  const raised = { ...block, raised: { reason: 'check.raise', risk: 'high' as const } };
  expect(concluded(planOf([raised]), { conclusion, read: sent([block]), gateFor }).risk).toBe('very-high');
});

it('where the windows of both risks differ the plan keeps its risk, because it keeps its steps', () => {
  const plan = concluded(planOf([block]), { conclusion, read: sent([block]), gateFor: () => undefined });
  expect(plan.risk).toBe('very-high');
});

it('a surprise raises the risk, and takes the place of the same one of an earlier rehearsal', () => {
  const surprise = finding('measured-rewrite', 'high', { evidence: 'rehearsal', message: 'once more' });
  const plan = planOf([finding('column-added', 'medium')]);
  expect(concluded(plan, { conclusion, surprises: [surprise], gateFor }).risk).toBe('high');
  const again = planOf([finding('measured-rewrite', 'high', { message: 'before' })]);
  expect(concluded(again, { conclusion, surprises: [surprise], gateFor }).findings).toEqual([surprise]);
});

it('conclusions are part of the hash: other locks are another plan', () => {
  const plan = planOf([finding('column-added', 'medium')]);
  const with_ = (lock: 'SHARE' | 'ACCESS EXCLUSIVE') =>
    concluded(plan, { conclusion: { ...conclusion, locks: [{ name: 'orders', lock }] } }).planHash;
  expect(with_('SHARE')).not.toBe(with_('ACCESS EXCLUSIVE'));
  expect(with_('SHARE')).toBe(with_('SHARE'));
});
