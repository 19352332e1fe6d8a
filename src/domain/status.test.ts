import type { PlanSummary } from './plan.js';
import type { Fact, RunRecord } from './record.js';
import { statusOf } from './status.js';

const planHash = '5c1e7ab2'.padEnd(64, '0');
const plan: PlanSummary = {
  ...{ planHash, target: 'shop', release: 'r2', running: 'r1', from: ['0001'], to: ['0002'], revisions: 1 },
  ...{ risk: 'medium', procedure: 'medium-risk', coverage: { analysed: 1, total: 1 }, rehearsed: null },
  ...{ findings: [], rollback: [], fingerprint: 'f' },
  gate: {
    ...{ approvals: 2, requesterMayApprove: true, approvers: [], deadlineMinutes: 60, reminderMinutes: 10 },
    hasWindow: false,
  },
};

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
const record = (outcome: RunRecord['outcome'], ...facts: Fact[]): RunRecord => ({
  ...{ formatVersion: 1, kind: 'deploy', target: 'shop', workflowId: 'lockkeeper:shop', runId: 'r-1' },
  ...{ steps: ['check', 'approve', 'migrate'], outcome },
  facts: [{ at: at(0), kind: 'requested', by: 'ana', words: 'deploy' }, ...facts],
});
const asked = (manual: boolean): Fact[] => [
  { at: at(1), kind: 'planned', plan },
  { at: at(2), kind: 'started', step: 'approve' },
  { at: at(3), kind: 'asked', planHash, approvals: 2, manual, until: '2026-01-03T03:04:00.000Z' },
];

describe('statusOf', () => {
  it('tells what runs, since when, and how to end it', () => {
    const running = record('running', { at: at(5), kind: 'started', step: 'check' });
    expect(statusOf(running, 'lockkeeper')).toMatchInlineSnapshot(`
      {
        "alarm": null,
        "failure": null,
        "kind": "deploy",
        "next": [
          {
            "does": "end the run; it undoes what it did",
            "input": null,
            "lockkeeper": "lockkeeper cancel shop",
            "message": null,
            "temporal": "temporal workflow cancel --workflow-id lockkeeper:shop",
          },
        ],
        "outcome": "running",
        "plan": null,
        "runId": "r-1",
        "says": "deploy of shop: check. The database is unchanged, the release is unchanged.",
        "since": "2026-01-02T03:04:05.000Z",
        "stands": {
          "database": "unchanged",
          "release": "unchanged",
          "site": "open",
        },
        "state": "check",
        "step": "check",
        "target": "shop",
        "waitsFor": null,
        "workflowId": "lockkeeper:shop",
      }
    `);
  });

  it('tells who must decide, who has, and how: the JSON to send and the commands', () => {
    const said: Fact = { at: at(4), kind: 'said', message: 'approve', by: 'bo', via: 'signal' };
    const status = statusOf(record('waiting', ...asked(false), said), 'lockkeeper');
    expect(status.says).toBe(
      'deploy of shop: waiting for a decision, 1 of 2 approvals, until 2026-01-03 03:04 UTC. ' +
        'The database is unchanged, the release is unchanged.',
    );
    expect(status).toMatchObject({
      plan: { planHash, release: 'r2', risk: 'medium' },
      ...{ step: 'approve', since: at(2) },
      waitsFor: { what: 'decision', planHash, approvals: 2, approved: ['bo'], manual: false },
    });
    expect(status.next.map(({ temporal }) => temporal)).toEqual([
      `temporal workflow execute --type read --task-queue lockkeeper --input '{"target":"shop","what":"check","hash":"5c1e7ab20000"}'`,
      `temporal workflow update execute --workflow-id lockkeeper:shop --name approve --input '{"by":"you@example.com","plan":"5c1e7ab20000"}'`,
      `temporal workflow update execute --workflow-id lockkeeper:shop --name reject --input '{"by":"you@example.com","plan":"5c1e7ab20000","note":"why"}'`,
      'temporal workflow cancel --workflow-id lockkeeper:shop',
    ]);
    expect(status.next[1]).toMatchObject({
      message: 'approve',
      input: { by: 'you@example.com', plan: '5c1e7ab20000' },
      lockkeeper: 'lockkeeper approve shop --plan 5c1e7ab20000',
    });
  });

  it('takes no closing of the site for an approval', () => {
    const said: Fact = {
      at: at(4),
      kind: 'said',
      message: 'maintenance',
      by: 'bo',
      via: 'update',
      note: 'on',
    };
    const { waitsFor } = statusOf(record('waiting', ...asked(false), said), 'lockkeeper');
    expect(waitsFor).toMatchObject({ approvals: 2, approved: [] });
  });

  it('lets a person choose in manual mode', () => {
    const { next, says } = statusOf(record('waiting', ...asked(true)), 'q');
    expect(says).toContain('a person chooses, until 2026-01-03 03:04 UTC');
    expect(next.map(({ lockkeeper }) => lockkeeper)).toEqual([
      'lockkeeper approve shop',
      'lockkeeper approve shop --plan 5c1e7ab20000 --choice migrate',
      'lockkeeper approve shop --plan 5c1e7ab20000 --choice skip',
      'lockkeeper approve shop --plan 5c1e7ab20000 --choice end',
      'lockkeeper reject shop --plan 5c1e7ab20000 --note "why"',
      'lockkeeper cancel shop',
    ]);
    expect(next[1]).toMatchObject({ message: 'choose', input: { plan: '5c1e7ab20000', choice: 'migrate' } });
  });

  it('tells which undo failed, what is left, and why it turned around', () => {
    const failure = { code: 'disk-full', what: 'no space', next: [] };
    const status = statusOf(
      record(
        'repair',
        { at: at(1), kind: 'started', step: 'migrate' },
        { at: at(2), kind: 'failed', step: 'migrate', failure },
        { at: at(3), kind: 'undoing', undo: 'put the schema back' },
        {
          at: at(9),
          kind: 'undo failed',
          undo: 'put the schema back',
          failure,
          left: ['put the schema back'],
        },
      ),
      'q',
    );
    expect(status).toMatchObject({
      ...{ step: 'put the schema back', since: at(9), failure: { code: 'disk-full', what: 'no space' } },
      waitsFor: { what: 'repair', undo: 'put the schema back', left: ['put the schema back'] },
      stands: { database: 'half changed' },
    });
    expect(status.says).toContain('put the schema back failed and a person must put it right');
    expect(status.next.map(({ message }) => message)).toEqual(['retry', 'stop']);
  });

  it('tells what an earlier run left, and that the site is closed for too long', () => {
    const status = statusOf(
      record(
        'repair',
        { at: at(1), kind: 'found', what: 'the site is closed' },
        { at: at(2), kind: 'site', is: 'closed', note: 'by an earlier run' },
        { at: at(3), kind: 'overdue', says: 'closed for 2 h' },
      ),
      'q',
    );
    expect(status).toMatchObject({
      ...{ alarm: 'closed for 2 h', stands: { site: 'closed' } },
      waitsFor: { what: 'found', found: 'the site is closed' },
    });
    expect(status.next.map(({ lockkeeper }) => lockkeeper)).toEqual([
      'lockkeeper retry shop',
      'lockkeeper maintenance off shop',
      'lockkeeper stop shop --note "why"',
    ]);
  });

  it('leads from a run that is over to its report', () => {
    const { next, waitsFor } = statusOf(record('rejected', ...asked(false)), 'q');
    expect(waitsFor).toBeNull();
    expect(next).toEqual([
      expect.objectContaining({
        lockkeeper: 'lockkeeper report shop --run r-1',
        temporal: `temporal workflow execute --type read --task-queue q --input '{"target":"shop","what":"report","run":"r-1"}'`,
      }),
    ]);
  });
});
