import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const request = { target: 'shop', what: 'plan', hash: 'aaaaaaaa' };
const page = { text: '{}', page: 1, pages: 1, of: 'a'.repeat(64) };

const stories = {
  'one look, under any id, also beside a run': new Story('read', request, 'mine')
    .does('readPage', page)
    .returns(),
  'what is not there is told as a failure': new Story('read', request, 'mine')
    .fails('readPage', 'nothing-to-read')
    .isRefused(),
  'a path is refused before anything is looked at': new Story(
    'read',
    { ...request, hash: '../../etc/passwd' },
    'mine',
  ).isRefused(),
};

describe('read', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });
});
