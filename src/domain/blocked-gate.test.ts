import fc from 'fast-check';
import type { Blocked, Holder } from './blocked.js';
import {
  blockedNow,
  choose,
  neverBlocked,
  notPutOff,
  putOff,
  stallOf,
  type BlockedGate,
  type BlockedMessage,
  type BlockedRules,
} from './blocked-gate.js';
import { shortened } from './blocked-short.js';

const planHash = 'a1b2c3d4e5f6'.padEnd(64, '0');
const holder = (pid: number, more: Partial<Holder> = {}): Holder => ({
  ...{
    pid,
    backendStart: `2026-11-26T10:00:${pid}.000Z`,
    user: 'app',
    application: 'worker',
    state: 'active',
  },
  ...{ transactionMs: 31_000, query: 'select 1', mode: 'ACCESS SHARE', ...more },
});
const rules: BlockedRules = {
  ...{ approvals: 1, requester: 'ana', requesterMayApprove: true, approvers: [], manual: false },
  ...{ planHash, noWindow: null },
  blocked: {
    ...{ reason: 'holder', budgetMs: 3_000 },
    holders: [holder(11), holder(12), holder(0, { prepared: 'gid' }), holder(13, { backendStart: '' })],
  },
};
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const budget = (by: string, budgetMs: number, more: BlockedMessage = {}): BlockedMessage => ({
  ...{ by, choice: 'budget', budgetMs, ...more },
});

/** The answers to messages sent one after the other, a minute apart. */
function answers(of: Partial<BlockedRules>, ...sent: BlockedMessage[]): [string[], BlockedGate] {
  let gate = blockedNow;
  const said = sent.map((message, minute) => {
    const chose = choose(gate, { ...rules, ...of }, message, at(minute));
    if ('refused' in chose) return `refused: ${chose.refused}`;
    gate = chose.gate;
    return chose.answer;
  });
  return [said, gate];
}

describe('the gate of a blocked migration', () => {
  it.each([
    ['wait', {}, [{ by: 'bo', choice: 'wait' }], ['trying again']],
    ['give up', {}, [{ by: 'bo', choice: 'give-up' }], ['giving up: what was done is undone']],
    [
      'no name',
      {},
      [{ choice: 'wait' }, { by: '  ', choice: 'wait' }],
      [
        'refused: say who you are: {"by":"you@example.com"}',
        'refused: say who you are: {"by":"you@example.com"}',
      ],
    ],
    [
      'no choice, or one of another gate',
      {},
      [{ by: 'bo' }, { by: 'bo', choice: 'migrate' }],
      [
        'refused: choose one of wait, budget, cancel, window, give-up: {"choice":"wait"}',
        'refused: choose one of wait, budget, cancel, window, give-up: {"choice":"wait"}',
      ],
    ],
    [
      'not by others than those who decide',
      { approvers: ['cy'] },
      [
        { by: 'bo', choice: 'wait' },
        { by: 'cy', choice: 'wait' },
      ],
      ['refused: bo is not among those who may decide: cy', 'trying again'],
    ],
    [
      'not of another plan',
      {},
      [
        { by: 'bo', choice: 'wait', plan: 'ffffffff' },
        { by: 'bo', choice: 'wait', plan: 'a1b2c3d4' },
      ],
      ['refused: ffffffff is not the plan that migrates: it is a1b2c3d4e5f6', 'trying again'],
    ],
    [
      'nothing more after the first choice',
      {},
      [
        { by: 'bo', choice: 'wait' },
        { by: 'cy', choice: 'give-up' },
      ],
      ['trying again', 'refused: too late: already wait'],
    ],
    [
      'sessions that are in the way, and no others',
      {},
      [
        { by: 'bo', choice: 'cancel' },
        { by: 'bo', choice: 'cancel', pids: [11, 99] },
        { by: 'bo', choice: 'cancel', pids: [0] },
        { by: 'bo', choice: 'cancel', pids: [13] },
        { by: 'bo', choice: 'cancel', pids: [11, 12] },
      ],
      [
        'refused: say which sessions shall be ended: {"choice":"cancel","pids":[11,12]}',
        'refused: pid 99 is not among those that can be ended: 11, 12',
        'refused: pid 0 is not among those that can be ended: 11, 12',
        'refused: pid 13 is not among those that can be ended: 11, 12',
        'ending pid 11, 12, and trying again',
      ],
    ],
    [
      'not what must not be ended',
      { blocked: { ...rules.blocked, reason: 'wraparound' } },
      [{ by: 'bo', choice: 'cancel', pids: [11] }],
      ['refused: what prevents a wraparound must not be ended: wait for it, or give up'],
    ],
    [
      'a window only where there is one',
      { noWindow: 'no window is set for changes of low risk: windows in lockkeeper.yaml' },
      [{ by: 'bo', choice: 'window' }],
      ['refused: no window is set for changes of low risk: windows in lockkeeper.yaml'],
    ],
    [
      'a budget that is larger, and says how large',
      {},
      [{ by: 'bo', choice: 'budget' }, budget('bo', 3_000), budget('bo', 6_000)],
      [
        'refused: say how many milliseconds others may wait in all: {"choice":"budget","budgetMs":6000}',
        'refused: 3000 ms are approved already: name more than that',
        'others may wait for 6.0 s in all; trying again',
      ],
    ],
    [
      'a budget by somebody also where nobody must approve',
      { approvals: 0 },
      [budget('ana', 6_000)],
      ['others may wait for 6.0 s in all; trying again'],
    ],
    [
      'two people for exactly the same number',
      { approvals: 2, requesterMayApprove: false },
      [
        budget('bo', 6_000),
        budget('bo', 6_000),
        budget('ana', 6_000),
        budget('cy', 9_000),
        budget('di', 6_000),
      ],
      [
        'approved 6000 ms; 1 more must send exactly this number',
        'refused: bo has approved already',
        'refused: ana asked for this change, and may not approve it',
        'approved 9000 ms; 1 more must send exactly this number',
        'others may wait for 6.0 s in all; trying again',
      ],
    ],
    [
      'who sends another number takes the first one back',
      { approvals: 2 },
      [budget('bo', 6_000), budget('bo', 9_000), budget('cy', 6_000), budget('di', 9_000)],
      [
        'approved 6000 ms; 1 more must send exactly this number',
        'approved 9000 ms; 1 more must send exactly this number',
        'approved 6000 ms; 1 more must send exactly this number',
        'others may wait for 9.0 s in all; trying again',
      ],
    ],
    [
      'a team of one: twice, later and with the name typed',
      { approvals: 2, requesterMayApprove: false, alone: { minutesApart: 2, typed: 'shop' } },
      [
        budget('ana', 6_000),
        budget('ana', 6_000),
        budget('ana', 6_000),
        budget('ana', 6_000, { typed: 'shop' }),
      ],
      [
        'approved 6000 ms; 1 more must send exactly this number',
        'refused: ana approved 1 minutes ago: the second approval takes 2',
        'refused: type the name of the target with the second approval: {"typed":"shop"}',
        'others may wait for 6.0 s in all; trying again',
      ],
    ],
  ] as [string, Partial<BlockedRules>, BlockedMessage[], string[]][])('%s', (_, of, sent, expected) => {
    expect(answers(of, ...sent)[0]).toEqual(expected);
  });

  it('before anything is blocked there is nothing to choose', () => {
    expect(choose(neverBlocked, rules, { by: 'bo', choice: 'wait' }, at(0))).toEqual({
      refused: 'nothing waits for this: the migration is not blocked',
    });
  });

  it('while the window is looked at, others wait; then it is put off, or may be chosen anew', () => {
    const [, looking] = answers({}, { by: 'bo', choice: 'window' });
    const wait = { by: 'cy', choice: 'wait' };
    expect(choose(looking, rules, wait, at(1))).toMatchObject({
      refused: expect.stringMatching(/^not now/) as unknown,
    });
    expect(putOff(looking, 5, 'until 22:00')).toMatchObject({
      gate: { chosen: { choice: 'window', waitMs: 5 } },
    });
    expect(choose(notPutOff(looking), rules, wait, at(1))).toMatchObject({ answer: 'trying again' });
    expect(putOff({ ...looking, phase: 'closed' }, 5, '')).toMatchObject({
      refused: expect.any(String) as unknown,
    });
  });
});

describe('what the next attempt may do', () => {
  it('has what is left of the budget, and at least one attempt', () => {
    expect(stallOf({ choice: 'wait' }, 3_000, 1_200)).toEqual({ budgetMs: 1_800 });
    expect(stallOf({ choice: 'wait' }, 3_000, 3_400)).toEqual({ budgetMs: 100 });
  });

  it('ends the sessions that were named, as they were then', () => {
    const [, { chosen }] = answers({}, { by: 'bo', choice: 'cancel', pids: [12] });
    const cancel = [{ pid: 12, backendStart: '2026-11-26T10:00:12.000Z' }];
    expect(stallOf(chosen!, 3_000, 0)).toEqual({ budgetMs: 3_000, cancel });
  });
});

it('a record keeps it small, whatever holds the lock', () => {
  const many = Array.from({ length: 20 }, (_, index) => holder(index + 1, { query: 'x'.repeat(200) }));
  const blocked: Blocked = {
    ...{ reason: 'holder', revision: '0002', statement: 'y'.repeat(1_000), relations: [], holders: many },
    ...{ waitedMs: 1, stalledMs: 1, budgetMs: 1, committed: [] },
  };
  expect(JSON.stringify(shortened(blocked)).length).toBeLessThan(4_000);
});

const anyMessage: fc.Arbitrary<BlockedMessage> = fc.record({
  by: fc.constantFrom('ana', 'bo', 'cy', 'di', ''),
  choice: fc.constantFrom('wait', 'budget', 'budget', 'budget', 'cancel', 'window', 'give-up', 'migrate', ''),
  budgetMs: fc.constantFrom(1_000, 6_000, 9_000),
  pids: fc.subarray([11, 12, 13, 99, 0]),
});
const anyRules: fc.Arbitrary<BlockedRules> = fc.record({
  ...{
    approvals: fc.integer({ min: 0, max: 3 }),
    requester: fc.constant('ana'),
    requesterMayApprove: fc.boolean(),
  },
  ...{ approvers: fc.constantFrom([], ['ana', 'bo'], ['bo', 'cy', 'di']), manual: fc.constant(false) },
  ...{ planHash: fc.constant(planHash), blocked: fc.constant(rules.blocked) },
  noWindow: fc.constantFrom(null, 'none'),
});

describe('whatever is sent, in whatever order', () => {
  it('goes on only as people wanted who may, and with a budget that enough of them have named', () => {
    fc.assert(
      fc.property(anyRules, fc.array(anyMessage, { maxLength: 12 }), (of, sent) => {
        let gate = blockedNow;
        const taken: BlockedMessage[] = [];
        sent.forEach((message, index) => {
          const chose = choose(gate, of, message, at(index));
          if ('refused' in chose) return;
          expect(gate.phase).toBe('open');
          taken.push(message);
          gate = chose.gate;
        });
        for (const { by } of taken)
          expect(of.approvers.length ? of.approvers : ['ana', 'bo', 'cy', 'di']).toContain(by);
        const { chosen, budgets } = gate;
        expect(new Set(budgets.map(({ by }) => by)).size).toBe(budgets.length);
        if (!of.requesterMayApprove) expect(budgets.map(({ by }) => by)).not.toContain('ana');
        if (chosen?.choice === 'budget') {
          const same = budgets.filter(({ budgetMs }) => budgetMs === chosen.budgetMs);
          expect(same.length).toBe(Math.max(1, of.approvals));
          expect(chosen.budgetMs).toBeGreaterThan(of.blocked.budgetMs);
          const lastWords = same.map(({ by }) => taken.findLast((each) => each.by === by)?.budgetMs);
          expect(new Set(lastWords)).toEqual(new Set([chosen.budgetMs]));
        }
        if (chosen?.choice === 'cancel') {
          expect(chosen.sessions.length).toBeGreaterThan(0);
          for (const { pid } of chosen.sessions) expect([11, 12]).toContain(pid);
        }
        if (gate.phase === 'looking') expect(of.noWindow).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('a budget comes to the same whichever of the approvals is first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['bo', 'cy', 'di', 'ed'], { minLength: 2 }), (names) => {
        const [, gate] = answers({ approvals: 2 }, ...names.map((name) => budget(name, 6_000)));
        expect(gate.chosen).toEqual({ choice: 'budget', budgetMs: 6_000 });
        expect(gate.budgets).toHaveLength(2);
      }),
      { numRuns: 1_000 },
    );
  });

  it('what was refused changes nothing', () => {
    fc.assert(
      fc.property(anyRules, anyMessage, fc.constantFrom(neverBlocked, blockedNow), (of, message, gate) => {
        const before = structuredClone(gate);
        choose(gate, of, message, at(0));
        expect(gate).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });
});
