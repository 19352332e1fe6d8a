import type { PlanSummary } from './plan.js';
import type { RunRecord, StepName } from './record.js';
import { movesOf, stayingUnder, wayBack, type Wanted } from './rollback.js';

interface Deploy {
  release: string;
  running: string | null;
  from: string;
  to: string;
  did?: readonly StepName[];
  outcome?: RunRecord['outcome'];
}

const record = ({ did = ['migrate', 'deploy'], outcome = 'done', from, to, ...rest }: Deploy): RunRecord => {
  const plan = {
    planHash: `${rest.release} ${to}`,
    from: [from],
    to: [to],
    ...rest,
  } as unknown as PlanSummary;
  const finished = did.map((step) => ({ at: '', kind: 'finished', step }) as const);
  return {
    kind: 'deploy',
    outcome,
    facts: [{ at: '', kind: 'planned', plan }, ...finished],
  } as unknown as RunRecord;
};

const first = record({ release: 'r1', running: 'r0', from: '0', to: '1' });
const second = record({ release: 'r2', running: 'r1', from: '1', to: '2' });
const third = record({ release: 'r3', running: 'r2', from: '2', to: '3' });
const all = [third, second, first];

function goes(records: readonly RunRecord[], wanted: Wanted): string {
  const way = wayBack(movesOf(records), wanted);
  return 'why' in way ? way.why : way.moves.map(({ plan }) => `${plan.release} → ${plan.running}`).join(', ');
}

describe('the way back', () => {
  it('is over the last deploy, or over all of them down to the release that is named', () => {
    expect(goes(all, { running: 'r3', now: ['3'] })).toBe('r3 → r2');
    expect(goes(all, { running: 'r3', now: ['3'], to: 'r1' })).toBe('r3 → r2, r2 → r1');
    expect(goes(all, { running: 'r3', now: ['3'], to: 'r0' })).toBe('r3 → r2, r2 → r1, r1 → r0');
    expect(goes(all, { running: null, now: ['3'] })).toBe('r3 → r2');
  });

  it('says what is known where the records do not lead there', () => {
    expect(goes(all, { running: 'r3', now: ['3'], to: 'r9' })).toBe(
      'the recorded deploys do not lead back to r9: known are r2, r1, r0',
    );
    expect(goes(all, { running: 'r3', now: ['3'], to: 'r3' })).toBe('r3 is what runs');
    expect(goes(all, { running: 'r7', now: ['3'] })).toBe('none of the 3 recorded deploys brought r7 here');
    expect(goes([], { running: 'r3', now: ['3'] })).toBe('no deploy is in the records');
    expect(
      goes([record({ release: 'r3', running: null, from: '2', to: '3' })], { running: 'r3', now: ['3'] }),
    ).toBe('which release ran before r3 is not known');
  });

  it('leaves out what was taken back before, and runs that did not come to their end', () => {
    const again = record({ release: 'r3', running: 'r1', from: '1', to: '3' });
    const failed = record({ release: 'r3', running: 'r1', from: '1', to: '3', outcome: 'undone' });
    expect(goes([again, failed, ...all], { running: 'r3', now: ['3'], to: 'r0' })).toBe('r3 → r1, r1 → r0');
  });

  it('says that the schema is left, where the release was put back alone', () => {
    const why =
      'r2 runs already, on the schema that the deploy of r3 has brought: --schema-only takes that back';
    expect(goes(all, { running: 'r2', now: ['3'] })).toBe(why);
    expect(goes([third], { running: 'r2', now: ['3'] })).toBe(why);
    expect(goes(all, { running: 'r2', now: ['3'], only: 'app' })).toBe('r2 → r1');
  });

  it('ends where others have moved the database in between', () => {
    const later = record({ release: 'r3', running: 'r2', from: '2b', to: '3' });
    expect(goes([later, second], { running: 'r3', now: ['3'], to: 'r1' })).toMatch('do not lead back to r1');
  });

  it('follows a migration that was done alone, before its release, and one that was skipped', () => {
    const migrated = record({ release: 'r3', running: 'r2', from: '2', to: '3', did: ['migrate'] });
    const released = record({ release: 'r3', running: 'r2', from: '3', to: '3', did: ['deploy'] });
    const records = [released, migrated, second];
    expect(goes(records, { running: 'r3', now: ['3'] })).toBe('r3 → r2');
    expect(goes(records, { running: 'r3', now: ['3'], to: 'r1' })).toBe('r3 → r2, r3 → r2, r2 → r1');
    const skipped = record({ release: 'r3', running: 'r2', from: '2', to: '3', did: ['deploy'] });
    expect(goes([skipped, second], { running: 'r3', now: ['2'], to: 'r1' })).toBe('r3 → r2, r2 → r1');
  });

  it('does not guess what is meant after a migration that was done alone', () => {
    const migrated = record({ release: 'r3', running: 'r2', from: '2', to: '3', did: ['migrate'] });
    const records = [migrated, second];
    expect(goes(records, { running: 'r2', now: ['3'] })).toMatch('--schema-only takes that back alone');
    expect(goes(records, { running: 'r2', now: ['3'], only: 'schema' })).toBe('r3 → r2');
    expect(goes(records, { running: 'r2', now: ['3'], to: 'r1' })).toBe('r3 → r2, r2 → r1');
    expect(goes(records, { running: 'r2', now: ['3'], only: 'app' })).toBe('r3 → r2, r2 → r1');
  });
});

describe('the way back of the schema alone', () => {
  it('ends at the schema that the running release had', () => {
    expect(goes(all, { running: 'r2', now: ['3'], only: 'schema' })).toBe('r3 → r2');
    expect(goes(all, { running: 'r1', now: ['3'], only: 'schema' })).toBe('r3 → r2, r2 → r1');
    expect(goes(all, { running: 'r3', now: ['3'], only: 'schema' })).toBe('r3 → r2');
    expect(goes(all, { running: 'r1', now: ['3'], only: 'schema', to: 'r2' })).toBe('r3 → r2');
  });

  it('begins where the database stands', () => {
    expect(goes(all, { running: 'r1', now: ['2'], only: 'schema' })).toBe('r2 → r1');
    expect(goes(all, { running: 'r1', now: ['x'], only: 'schema' })).toBe(
      'none of the 3 recorded deploys brought the database to x',
    );
  });
});

it('a release that is started alone runs on all that was migrated since, and not only on what is taken back', () => {
  const moves = movesOf(all);
  const [, two, one] = moves;
  const releases = (way: [typeof two & object], now: string) =>
    stayingUnder(moves, way, [now])?.map(({ release }) => release) ?? null;
  expect(releases([two!], '2')).toEqual(['r2']);
  expect(releases([two!], '3')).toEqual(['r3', 'r2']);
  expect(releases([one!], '3')).toEqual(['r3', 'r2', 'r1']);
  expect(releases([two!], 'by hand')).toBeNull();
});
