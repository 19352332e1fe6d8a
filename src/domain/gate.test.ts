import fc from 'fast-check';
import { closed, decide, newGate, opened, type Decision, type Gate, type GateRules } from './gate.js';

const planHash = 'a1b2c3d4e5f6'.padEnd(64, '0');
const rules: GateRules = {
  approvals: 1,
  requester: 'ana',
  requesterMayApprove: true,
  approvers: [],
  manual: false,
};
const open = opened(newGate, planHash);
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const approve = (by: string, more: Partial<Decision> = {}): Decision => ({
  message: 'approve',
  by,
  plan: planHash,
  ...more,
});

/** The answers to decisions sent one after the other, a minute apart. */
function answers(gate: Gate, of: Partial<GateRules>, ...sent: Decision[]): [string[], Gate] {
  const said: string[] = [];
  let now = gate;
  sent.forEach((decision, minute) => {
    const decided = decide(now, { ...rules, ...of }, decision, at(minute));
    if ('refused' in decided) said.push(`refused: ${decided.refused}`);
    else {
      said.push(decided.answer);
      now = decided.gate;
    }
  });
  return [said, now];
}

describe('the gate', () => {
  it.each([
    ['one approval is enough where one is needed', {}, [approve('bo')], ['approved; it goes on']],
    [
      '8 characters of the hash are enough',
      {},
      [approve('bo', { plan: 'a1b2c3d4' })],
      ['approved; it goes on'],
    ],
    [
      'fewer are not',
      {},
      [approve('bo', { plan: 'a1b2' })],
      ['refused: give at least 8 characters of the plan: a1b2c3d4e5f6'],
    ],
    [
      'another plan is refused',
      {},
      [approve('bo', { plan: 'ffffffff' })],
      ['refused: ffffffff is not the plan that waits: it is a1b2c3d4e5f6'],
    ],
    [
      'no plan is refused',
      {},
      [{ message: 'approve', by: 'bo' }],
      ['refused: say which plan you mean: {"plan":"a1b2c3d4e5f6"}'],
    ],
    ['no name is refused', {}, [approve('  ')], ['refused: say who you are: {"by":"you@example.com"}']],
    [
      'two different people',
      { approvals: 2 },
      [approve('bo'), approve('bo'), approve('cy')],
      ['approved; 1 more needed', 'refused: bo has approved already', 'approved; it goes on'],
    ],
    [
      'not the requester, where that is forbidden',
      { requesterMayApprove: false },
      [approve('ana'), approve('bo')],
      ['refused: ana asked for this change, and may not approve it', 'approved; it goes on'],
    ],
    [
      'only those who are named',
      { approvers: ['cy'] },
      [approve('bo'), approve('cy')],
      ['refused: bo is not among those who may decide: cy', 'approved; it goes on'],
    ],
    [
      'a rejection ends it',
      { approvals: 2 },
      [approve('bo'), { ...approve('cy'), message: 'reject' }, approve('di')],
      ['approved; 1 more needed', 'cy rejected the plan', 'refused: too late: already rejected'],
    ],
    [
      'nothing to choose outside of manual mode',
      {},
      [{ ...approve('bo'), message: 'choose', choice: 'migrate' }],
      ['refused: nothing is to be chosen: approve or reject'],
    ],
    [
      'manual mode: choosing to migrate is that person’s approval',
      { manual: true },
      [{ ...approve('bo'), message: 'choose', choice: 'migrate' }],
      ['approved; it goes on'],
    ],
    [
      'manual mode: an approval alone does not begin it',
      { manual: true },
      [approve('bo'), { ...approve('cy'), message: 'choose', choice: 'migrate' }],
      ['approved; a person must choose migrate, skip or end', 'approved; it goes on'],
    ],
    [
      'manual mode at low risk: nobody has to approve, somebody has to choose',
      { manual: true, approvals: 0 },
      [{ ...approve('ana'), message: 'choose', choice: 'migrate' }],
      ['approved; it goes on'],
    ],
    [
      'manual mode: skip',
      { manual: true },
      [{ ...approve('bo'), message: 'choose', choice: 'skip' }],
      ['the migration is skipped'],
    ],
  ] as [string, Partial<GateRules>, Decision[], string[]][])('%s', (_, of, sent, expected) => {
    expect(answers(open, of, ...sent)[0]).toEqual(expected);
  });

  it('answers "not yet" before the plan is final, and "too late" after the end', () => {
    expect(answers(newGate, {}, approve('bo'))[0]).toEqual([
      'refused: not yet: the plan is not final before it was rehearsed',
    ]);
    expect(answers(closed(open), {}, approve('bo'))[0]).toEqual([
      'refused: too late: nobody is asked any more',
    ]);
  });

  it('lets a team of one approve twice, later and with the name typed', () => {
    const alone = { minutesApart: 2, typed: 'shop' };
    const said = answers(
      open,
      { approvals: 2, requesterMayApprove: false, alone },
      ...[
        approve('ana'),
        approve('ana', { typed: 'shop' }),
        approve('ana'),
        approve('ana', { typed: 'shop' }),
      ],
    )[0];
    expect(said).toEqual([
      'approved; 1 more needed',
      'refused: ana approved 1 minutes ago: the second approval takes 2',
      'refused: type the name of the target with the second approval: {"typed":"shop"}',
      'approved; it goes on',
    ]);
  });
});

const people = ['ana', 'bo', 'cy', 'di', ''];
const anyDecision: fc.Arbitrary<Decision> = fc.record(
  {
    message: fc.constantFrom('approve' as const, 'reject' as const, 'choose' as const),
    by: fc.constantFrom(...people),
    plan: fc.constantFrom(planHash, planHash.slice(0, 8), 'ffffffffffff', ''),
    choice: fc.constantFrom('migrate' as const, 'skip' as const, 'end' as const),
  },
  { requiredKeys: ['message'] },
);
const anyRules: fc.Arbitrary<GateRules> = fc.record({
  approvals: fc.integer({ min: 0, max: 3 }),
  requester: fc.constant('ana'),
  requesterMayApprove: fc.boolean(),
  approvers: fc.constantFrom([], ['ana', 'bo'], ['bo', 'cy', 'di']),
  manual: fc.boolean(),
});

describe('whatever is sent, in whatever order', () => {
  it('goes on only with enough different people who may, and who meant this plan', () => {
    fc.assert(
      fc.property(anyRules, fc.array(anyDecision, { maxLength: 12 }), fc.nat(12), (of, sent, opensAt) => {
        let gate = newGate;
        const accepted: Decision[] = [];
        sent.forEach((decision, index) => {
          if (index === opensAt) gate = opened(gate, planHash);
          const decided = decide(gate, of, decision, at(index));
          if ('refused' in decided) return;
          accepted.push(decision);
          gate = decided.gate;
        });
        const names = gate.approvals.map(({ by }) => by);
        expect(new Set(names).size).toBe(names.length);
        for (const decision of accepted) expect(planHash.startsWith(decision.plan!)).toBe(true);
        if (of.approvers.length) for (const name of names) expect(of.approvers).toContain(name);
        if (!of.requesterMayApprove) expect(names).not.toContain('ana');
        if (gate.verdict === 'approved') {
          expect(names.length).toBeGreaterThanOrEqual(of.approvals);
          if (of.manual)
            expect(accepted.some(({ choice, message }) => message === 'choose' && choice === 'migrate')).toBe(
              true,
            );
          expect(accepted.some(({ message }) => message === 'reject')).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('comes to the same whichever of two approvals is first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['bo', 'cy', 'di', 'ed'], { minLength: 2 }), (names) => {
        const needed = { approvals: 2 };
        const [, gate] = answers(open, needed, ...names.map((name) => approve(name)));
        expect(gate.verdict).toBe('approved');
        expect(gate.approvals.length).toBe(2);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a decision that was refused changes nothing', () => {
    fc.assert(
      fc.property(
        anyRules,
        anyDecision,
        fc.constantFrom(newGate, open, closed(open)),
        (of, decision, gate) => {
          const frozen = structuredClone(gate);
          decide(gate, of, decision, at(0));
          expect(gate).toEqual(frozen);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
