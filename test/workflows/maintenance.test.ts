import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const id = 'lockkeeper:shop:maintenance';
const byHand = { target: 'shop', requestedBy: 'ana', reason: 'a look' };
const watching = () => new Story('maintenance', { target: 'shop', watch: true }, id).begins();
const overdue = { is: 'overdue', says: 'closed for 20 min' };
/** The alarm is shown, people are told, and so is the run: there is none here. */
const sounds = (story: Story) =>
  story.does('watchClosure', overdue).begins().does('notify').signalsInVain('lockkeeper:shop');

const stories = {
  'it is opened in time: no alarm': watching().does('watchClosure', { is: 'open' }).begins().isOver(),
  'it lasts too long: an alarm, and another one, until it is open': sounds(sounds(watching()))
    .does('watchClosure', { is: 'open' })
    .begins()
    .isOver(),
  'closed by hand, and opened by a message': new Story('maintenance', byHand, id)
    .begins()
    .does('closeSite', { note: 'closed', counters: 'c' })
    .begins()
    .does('watchClosure', { is: 'open' })
    .begins()
    .isOver(),
  "under an id that is not the target's: refused": new Story('maintenance', byHand, 'mine').isRefused(),
  'nobody says who closes it: refused': new Story('maintenance', { target: 'shop' }, id).begins().isRefused(),
};

describe('the maintenance of a site', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});
