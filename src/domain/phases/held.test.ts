import { headsAfter, heldText, part, type PendingPart } from './held.js';

const one = (revision: string, down: string, phase?: string): PendingPart => ({
  revision,
  down: [down],
  allowances: phase ? [{ line: 3, text: `# lockkeeper: phase ${phase}` }] : [],
});
/** As `phases new` writes a change: all of it on top of what is there. */
const chain = [
  one('8', '7', 'expand of note'),
  one('9', '8', 'constrain of note'),
  one('10', '9', 'constrain of note'),
  one('11', '10', 'contract of note'),
];
const ids = (all: readonly { revision: string }[]) => all.map(({ revision }) => revision);
const open = new Set(['note']);

describe('an ordinary run', () => {
  it('runs all where no change is under way', () => {
    const { runs, held, blocked } = part(chain, new Set());
    expect([ids(runs), held, blocked]).toEqual([['8', '9', '10', '11'], [], []]);
  });

  it('leaves all of a change that is under way, and runs what stands below it', () => {
    const { runs, held, blocked } = part([one('7b', '7'), one('8', '7b', 'expand of note')], open);
    expect([ids(runs), held.map(heldText), blocked]).toEqual([['7b'], ['8 (expand of note)'], []]);
  });

  it('names what stands on it, also over others', () => {
    const { runs, blocked } = part([...chain, one('12', '11'), one('13', '12')], open);
    expect(ids(runs)).toEqual([]);
    expect(blocked.map(({ revision, on }) => `${revision} on ${heldText(on)}`)).toEqual([
      '12 on 11 (contract of note)',
      '13 on 11 (contract of note)',
    ]);
  });

  it('another change that is not under way is ordinary', () => {
    const { runs, held } = part([one('8', '7', 'expand of other'), one('9', '8', 'contract of note')], open);
    expect([ids(runs), ids(held)]).toEqual([['8'], ['9']]);
  });
});

describe('the run of a phase', () => {
  it('goes up to its last revision', () => {
    const { runs, held, missing } = part(chain.slice(1), open, { phase: 'constrain', change: 'note' });
    expect([ids(runs), ids(held), missing]).toEqual([['9', '10'], ['11'], []]);
  });

  it('takes ordinary revisions that it stands on along, and no others', () => {
    const pending = [one('8', '7'), one('9', '8', 'expand of note'), one('10', '9')];
    expect(ids(part(pending, open, { phase: 'expand', change: 'note' }).runs)).toEqual(['8', '9']);
  });

  it('never runs another phase or change: what it lacks is named', () => {
    const of = { phase: 'contract', change: 'note' } as const;
    expect(part(chain.slice(2), open, of).missing.map(heldText)).toEqual(['10 (constrain of note)']);
    const other = [one('8', '7', 'contract of other'), one('9', '8', 'expand of note')];
    expect(part(other, open, { phase: 'expand', change: 'note' }).missing.map(heldText)).toEqual([
      '8 (contract of other)',
    ]);
  });

  it('finds nothing where no file says it', () => {
    expect(part(chain, open, { phase: 'expand', change: 'other' }).runs).toEqual([]);
  });
});

it('where the database stands afterwards', () => {
  expect(headsAfter(['7'], chain.slice(0, 1))).toEqual(['8']);
  expect(headsAfter(['7'], [])).toEqual(['7']);
  expect(headsAfter(['7', 'x'], [one('8', '7')])).toEqual(['8', 'x']);
  expect(headsAfter([], [{ revision: '1', down: [] }])).toEqual(['1']);
});
