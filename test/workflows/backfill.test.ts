import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const id = 'lockkeeper:shop:backfill:cents';
const asked = { target: 'shop', name: 'cents', settings: { table: 'orders', set: { cents: 'total * 100' } } };
const standing = {
  ...{ phase: 'rows', pass: 1, scanned: 10, changed: 10, batches: 1, estimate: 100 },
  ...{ parked: 0, left: null, differ: null },
};
const goesOn = {
  is: 'going on',
  standing,
  rows: 10,
  ms: 1_000,
  held: [],
  share: 1,
  batchRows: 10,
  parked: [],
};
const held = { ...goesOn, held: ['replication lag 12.0 s, limit 10.0 s'] };
const over = { ...goesOn, is: 'over', standing: { ...standing, phase: 'done', left: 0 } };
const overWithParked = { ...over, standing: { ...over.standing, parked: 1 } };
const closed = { ...goesOn, is: 'outside hours', until: '2026-11-26T22:00:00.000Z', rows: 0, ms: 0 };

/** It looks at the table, and begins. */
const begun = () =>
  new Story('backfill', asked, id).begins().does('beginBackfill', { notes: [], standing }).begins();
/** How it ends is shown, and people are told. */
const ends = (story: Story) => story.begins().does('notify').isOver();
/** It asks for a person, which is shown, and people are told. */
const asks = (story: Story) => story.begins().does('notify');
/** After a person has resumed it, it begins as at first. */
const again = (story: Story) =>
  story.isSent('resume', { by: 'ana' }).does('beginBackfill', { notes: [], standing }).begins();

const stories = {
  'batches, a while each, until it is done': ends(
    begun().does('workOnBackfill', goesOn).does('workOnBackfill', goesOn).does('workOnBackfill', over),
  ),
  'it is held, and goes on by itself': ends(
    begun()
      .does('workOnBackfill', held)
      .begins()
      .does('workOnBackfill', goesOn)
      .begins()
      .does('workOnBackfill', over),
  ),
  'it ends with a row parked: a person looks, and resumes it': ends(
    again(asks(begun().does('workOnBackfill', overWithParked))).does('workOnBackfill', over),
  ),
  'it fails: a person looks, and stops it': ends(
    asks(begun().fails('workOnBackfill', 'backfill-table-gone')).isSent('stop', { by: 'ana' }),
  ),
  'outside its hours it waits': ends(
    begun().does('workOnBackfill', closed).begins().waits(60).inVain().begins().does('workOnBackfill', over),
  ),
  'after a continue-as-new it does not look again, and stays as people wanted it': ends(
    new Story(
      'backfill',
      { ...asked, carried: { paused: true, rowsPerSecond: 7, stretches: [], notes: [], said: [] } },
      id,
    )
      .begins()
      .begins()
      .isSent('resume', { by: 'ana' })
      .begins()
      .does('workOnBackfill', over),
  ),
  'it cannot begin: it fails with why': new Story('backfill', asked, id)
    .begins()
    .fails('beginBackfill', 'backfill-no-key')
    .isRefused(),
  'under an id that is not its own: refused': new Story('backfill', asked, 'mine').isRefused(),
};

describe('a backfill', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});
