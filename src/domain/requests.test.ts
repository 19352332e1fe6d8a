import { deployKeys, restoreKeys, rollbackKeys, targetKeys, whyBadRequest } from './requests.js';

it.each([
  [{ target: 'shop' }, '"backup" must say which: the id of a backup, or "latest"'],
  [{ target: 'shop', backup: true }, '"backup" must say which: the id of a backup, or "latest"'],
  [{ target: 'shop', backup: '' }, '"backup" must say which: the id of a backup, or "latest"'],
  [{ target: 'shop', backup: 'latest', untilClosed: 'yes' }, '"untilClosed" must be true or false'],
  [{ target: 'shop', file: 7 }, '"file" must be the path of a file of SQL'],
  [
    { target: 'shop', backup: 'latest', undo: true },
    'only one of "backup", "file" and "undo" can be put back',
  ],
  [{ target: 'shop', undo: true, beside: true }, '"beside" and "tables" need a "backup"'],
  [
    { target: 'shop', backup: 'latest', force: true },
    'unknown: force; known are target, backup, file, undo, beside, tables, untilClosed, requestedBy',
  ],
])('a restore is refused as %j', (request, why) => {
  expect(whyBadRequest(request, restoreKeys)).toBe(why);
});

it('a restore names a backup; what another workflow calls backup is a switch', () => {
  expect(whyBadRequest({ target: 'shop', backup: 'latest', untilClosed: true }, restoreKeys)).toBeNull();
  expect(whyBadRequest({ target: 'shop', backup: 'latest' }, ['target', 'backup'])).toBe(
    '"backup" must be true or false',
  );
  expect(whyBadRequest({ target: 'shop' }, targetKeys)).toBeNull();
});

it('a rollback is to a release, of one part or of both', () => {
  const why = (request: object) => whyBadRequest({ target: 'shop', ...request }, rollbackKeys);
  expect(why({ to: 'r1', only: 'app' })).toBeNull();
  expect(why({ only: 'application' })).toBe('"only" must be one of app, schema');
  expect(why({ to: 1 })).toBe('"to" must be a text');
  expect(why({ release: 'r1' })).toBe('unknown: release; known are target, to, only, over, requestedBy');
  expect(why({ over: 'abc' })).toBe('"over" must be a list of plan hashes');
});

it('a deploy goes up to a phase of a change', () => {
  const why = (upTo: unknown) => whyBadRequest({ target: 'shop', upTo }, deployKeys);
  expect(why('expand of orders-remark')).toBeNull();
  expect([why('deploy of orders-remark'), why(7)]).toEqual([
    '"upTo" must name a phase of a change: "expand of orders-remark"',
    '"upTo" must be a text',
  ]);
});
