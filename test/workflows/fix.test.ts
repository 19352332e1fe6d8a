import { fixSteps } from '../../src/workflows/fix.js';
import { replay } from '../support/replay.js';
import { Story } from '../support/story.js';

const plan = {
  ...{ planHash: 'a'.repeat(64), release: 'r2', running: 'r1', from: ['0001'], to: ['0002'] },
  ...{ revisions: 1, risk: 'high', procedure: 'high-risk', coverage: { analysed: 3, total: 3 } },
};

const begun = (way: object = {}) =>
  new Story('fix', { target: 'shop', requestedBy: 'ana', ...way }).step('check');
/** Where the site is closed, the list shows that first. */
const found = (where: 'old' | 'new' | 'between', closed: boolean, way: object = {}) => {
  const story = begun(way).does('checkFix', { plan, found: where, siteClosed: closed });
  return (closed ? story.undecided() : story).planned();
};
const releaseBack = (story: Story) => story.step('put the release back').does('startRelease').does('health');
const opens = (story: Story) => story.step('maintenance off').does('takeOver').opens();
const on = { way: 'go-on' };
const started = (story: Story) =>
  story.step('verify').does('verify').step('deploy').does('startRelease').step('health').does('health');

const stories = {
  'as before: the release, then the site': opens(
    releaseBack(found('old', true)).step('verify').does('verify'),
  ).ends('done'),
  'between: the schema goes back, too': opens(
    releaseBack(found('between', true))
      .step('put the schema back')
      .does('settle')
      .does('downgrade')
      .step('verify')
      .does('verify'),
  ).ends('done'),
  'what was written since is not thrown away, and the site stays closed': releaseBack(found('new', true))
    .step('put the schema back')
    .does('settle')
    .does('downgrade', { left: 'coupons has 1 row written since' })
    .ends('failed'),
  'on from after the migration': opens(started(found('new', true, on))).ends('done'),
  'on from the middle of it, the site open': started(
    found('between', false, on).step('migrate').does('upgrade'),
  ).ends('done'),
  'nothing is left: nothing is done': begun().fails('checkFix').ends('failed'),
};

describe('settling a run that came to no end', () => {
  it.each(Object.entries(stories))('%s', async (_, history) => {
    await replay(history);
  });

  it('refuses a way that there is not', async () => {
    await replay(new Story('fix', { target: 'shop', way: 'sideways' }, 'other').isRefused());
  });

  it('opens the site last', () => {
    expect(fixSteps.at(-1)).toBe('maintenance off');
  });
});
