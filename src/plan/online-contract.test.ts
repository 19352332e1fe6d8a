import { factsWith, pending } from '../../test/support/plan-facts.js';
import type { RehearsalConclusion } from '../domain/conclusion.js';
import { buildPlan } from './build.js';
import type { PlanFacts } from './facts.js';
import { whyNotOnline } from './online-contract.js';

const drops = pending('5e', 'ALTER TABLE orders DROP COLUMN note', 'ALTER TABLE orders ADD COLUMN note text');
const online: Partial<PlanFacts> = {
  contract: 'online',
  upTo: { phase: 'contract', change: 'orders-note' },
  stallBudgets: { low: 1_000, medium: 3_000, high: 60_000, 'very-high': 60_000 },
};
const planOf = (more: Partial<PlanFacts>, revision = drops) =>
  buildPlan({ ...factsWith(revision), ...online, ...more });

describe('the contract of a change with the site open', () => {
  it('is of the same risk and people, and says in its plan why the site stays open', async () => {
    const plan = await planOf({});
    expect(plan).toMatchObject({
      ...{ risk: 'very-high', procedure: 'online-contract', stallBudgetMs: 3_000 },
      gate: { approvals: 2, requesterMayApprove: false },
    });
    expect(plan.rollback[0]).toMatch(
      /^the site stays open \(phases\.contract: online\): the rehearsal must show/,
    );
    expect(plan.rollback.join()).not.toMatch(/restore/);
  });

  it.each<[string, Partial<PlanFacts>]>([
    ['the settings do not say so', { contract: 'closed' }],
    ['it is another phase', { upTo: { phase: 'constrain', change: 'orders-note' } }],
    ['a deploy runs it', { upTo: undefined as never }],
  ])('the site is closed where %s', async (_, more) => {
    expect(await planOf(more)).toMatchObject({ procedure: 'very-high-risk', stallBudgetMs: 60_000 });
  });

  it('the site is closed where a revision has no way back', async () => {
    const plan = await planOf({}, { ...drops, downgrade: 'missing' });
    expect(plan.procedure).toBe('very-high-risk');
  });

  it('what is of medium risk is online anyhow', async () => {
    const index = pending('5e', 'DROP INDEX CONCURRENTLY i', 'CREATE INDEX CONCURRENTLY i ON orders (note)');
    expect((await planOf({}, index)).procedure).toBe('medium-risk');
  });
});

const same: RehearsalConclusion = {
  ...{ backupProved: 'L3', noWayBack: null, againFailed: null, checks: 'passed' },
  ...{ schemaBack: 'same', rowsBack: 'same', valuesBack: 'same', compared: 'every value of 3 tables' },
};

it.each<[Partial<RehearsalConclusion>, string[]]>([
  [{}, []],
  [{ noWayBack: 'the downgrade of 5e raises an error' }, ['the downgrade of 5e raises an error']],
  [{ againFailed: 'it exists' }, ['going forward again failed: it exists']],
  [{ valuesBack: ['orders.note'] }, ['values after going back: orders.note']],
  [{ schemaBack: 'not tried' }, ['schema after going back: not tried']],
  [
    { compared: 'only the number of rows of 1 table larger than 5 GiB without a primary key' },
    [expect.stringMatching(/^what was compared: only .*\(rehearsal\.compareUpToGiB\)$/) as unknown as string],
  ],
  [{ rewritten: ['orders'] }, ['it writes orders anew, while all wait']],
])('a rehearsal that shows %j', (shown, why) => {
  expect(whyNotOnline({ ...same, ...shown })).toEqual(why);
});
