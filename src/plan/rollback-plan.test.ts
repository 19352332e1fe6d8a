import { approval } from '../config/people.js';
import type { CellsConclusion } from '../domain/cells.js';
import type { Plan } from '../domain/plan.js';
import { rollbackPlan, runsOnBefore, whyNotAlone, type RollbackFacts } from './rollback-plan.js';

const deploy = (release: string, running: string, from: string, to: string, more: object = {}): Plan =>
  ({
    ...{ planHash: `hash of ${release}`, target: 'shop', release, running, from: [from], to: [to] },
    ...{ risk: 'low', procedure: 'low-risk', findings: [], rehearsal: null, keepsakes: undefined },
    rollback: [`deploy release ${running} again`, `downgrade ${to}: loses nothing`],
    revisions: [{ revision: to }],
    standing: { revisions: [from], fingerprint: `as of ${from}` },
    ...more,
  }) as unknown as Plan;

const second = deploy('r2', 'r1', '1', '2', { risk: 'high', procedure: 'high-risk', stallBudgetMs: 5_000 });
const third = deploy('r3', 'r2', '2', '3');
const facts = (more: Partial<RollbackFacts> = {}): RollbackFacts => ({
  ...{ running: 'r3', now: ['3'], deploys: [third, second], taken: [third, second] },
  approval: approval.parse({}),
  ...more,
});

describe('the plan of a rollback', () => {
  it('goes from where the database stands to where the oldest deploy began, approved by the highest risk', () => {
    const plan = rollbackPlan(facts());
    expect(plan).toMatchObject({
      ...{ release: 'r3', running: 'r1', from: ['1'], to: ['3'], risk: 'high', procedure: 'high-risk' },
      ...{
        standing: { fingerprint: 'as of 1' },
        gate: { approvals: 1, hasWindow: false },
        stallBudgetMs: 5_000,
      },
      back: [
        { planHash: 'hash of r3', release: 'r3', keepsakes: false },
        { planHash: 'hash of r2', release: 'r2', keepsakes: false },
      ],
    });
    expect(plan.rollback.slice(0, 3)).toEqual([
      'start release r1 in place of r3: loses nothing, the schema is as it was',
      'r3 → r2: downgrade 3: loses nothing',
      'r2 → r1: downgrade 2: loses nothing',
    ]);
    expect(plan.revisions.map(({ revision }) => revision)).toEqual(['2', '3']);
  });

  it('is another one once the database or a deploy is another one', () => {
    const hashes = [facts(), facts({ now: ['4'] }), facts({ running: 'r4' }), facts({ taken: [third] })].map(
      (each) => rollbackPlan(each).planHash,
    );
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(rollbackPlan(facts()).planHash).toBe(hashes[0]);
  });

  it('of the release alone takes nothing back, and asks nobody', () => {
    const plan = rollbackPlan(facts({ only: 'app', taken: [] }));
    expect(plan).toMatchObject({
      ...{ from: ['3'], to: ['3'], revisions: [], back: [], risk: 'low', procedure: 'deploy-only' },
      gate: { approvals: 0 },
    });
    expect(plan.rollback.at(-1)).toBe('the schema stays as it is');
  });

  it('of the schema alone starts nothing', () => {
    const plan = rollbackPlan(facts({ only: 'schema', running: 'r1' }));
    expect(plan).toMatchObject({ release: 'r1', running: 'r1', from: ['1'], to: ['3'] });
    expect(plan.rollback.join()).not.toContain('start release');
  });

  it('goes from the image of the newest to the one that ran before the oldest', () => {
    const image = (id: string, running: string) => ({ images: [{ reference: 'shop:latest', id, running }] });
    const deploys = [
      deploy('r3', 'r2', '2', '3', image('c', 'b')),
      deploy('r2', 'r1', '1', '2', image('b', 'a')),
    ] as const;
    expect(rollbackPlan(facts({ deploys, taken: deploys })).images).toMatchObject([
      { id: 'c', running: 'a' },
    ]);
  });
});

describe('the release of before, alone', () => {
  const breaking = {
    revision: '2',
    message: 'drops orders.note',
    rule: 'column-dropped',
    breaksRunning: true,
  };
  const cells = (rollbackAlone: CellsConclusion['rollbackAlone']) => ({
    rehearsal: { cells: { rollbackAlone } },
  });

  it('may run where no finding speaks against it, and not where one does', () => {
    expect(whyNotAlone([second], 'r1')).toEqual([]);
    expect(whyNotAlone([deploy('r2', 'r1', '1', '2', { findings: [breaking] })], 'r1')).toEqual([
      '2: drops orders.note (column-dropped)',
    ]);
  });

  it('may run where it was tried, whatever else was found; where it failed, not', () => {
    const tried = deploy('r2', 'r1', '1', '2', { findings: [breaking], ...cells([]) });
    expect(whyNotAlone([tried], 'r1')).toEqual([]);
    const failed = deploy('r2', 'r1', '1', '2', cells(['GET /orders']));
    expect(whyNotAlone([failed], 'r1')).toEqual([
      'r1 was tried on what r2 has written, and fails: GET /orders',
    ]);
    const notKnown = deploy('r2', 'r1', '1', '2', { findings: [breaking], ...cells(null) });
    expect(whyNotAlone([notKnown], 'r1')).toHaveLength(1);
  });

  it('was never held against what a later deploy took away', () => {
    const phase = { phase: 'contract', steps: [{ what: 'drops orders.note' }] };
    const contract = deploy('r3', 'r2', '2', '3', { phase, ...cells([]) });
    const why = 'whether r1 can do without what r3 took away (drops orders.note) was never tried';
    expect(whyNotAlone([contract, second], 'r1')).toEqual([why]);
    expect(whyNotAlone([contract], 'r2')).toEqual([]);
    const expand = deploy('r3', 'r2', '2', '3', { phase: { phase: 'expand', steps: [] } });
    expect(whyNotAlone([expand, second], 'r1')).toEqual([]);
  });
});

it('the release that runs may stay on the schema of before where it was tried there', () => {
  const cells = (beforeMigration: CellsConclusion['beforeMigration']) =>
    deploy('r3', 'r2', '2', '3', { rehearsal: { cells: { beforeMigration } } });
  expect(runsOnBefore([cells([])])).toBe(true);
  expect(runsOnBefore([cells(['GET /orders'])])).toBe(false);
  expect(runsOnBefore([cells(null)])).toBe(false);
  expect(runsOnBefore([cells([]), second])).toBe(false);
  expect(runsOnBefore([third])).toBe(false);
});
