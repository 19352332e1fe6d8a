import { whyBadBackfill } from './request.js';

const good = { target: 'shop', name: 'cents', settings: { table: 'orders', set: { cents: 'total * 100' } } };

it('a request is one JSON object with target, name and settings', () => {
  expect(whyBadBackfill(good)).toBeNull();
  expect(whyBadBackfill({ ...good, again: true, rowsPerSecond: 0, requestedBy: 'ana' })).toBeNull();
});

it.each<[RegExp, unknown]>([
  [/one JSON object/, 'shop'],
  [/"target" is missing/, {}],
  [/"name" must be/, { ...good, name: 'a b' }],
  [/"name" must be/, { ...good, name: 'x'.repeat(41) }],
  [/unknown: file/, { ...good, file: 'x' }],
  [/"settings" is missing/, { target: 'shop', name: 'cents' }],
  [/longer than 16384/, { ...good, settings: { where: 'x'.repeat(20_000) } }],
  [/"again" must be/, { ...good, again: 'yes' }],
  [/"rowsPerSecond" must be/, { ...good, rowsPerSecond: 1.5 }],
])('%s', (why, sent) => expect(whyBadBackfill(sent)).toMatch(why));
