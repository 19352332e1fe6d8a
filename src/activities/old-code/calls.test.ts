import type { CallsNoted, RunStatement } from '../../adapters/postgres/statements.js';
import { callsSince, notedAfter } from './calls.js';

const deploy = '2026-11-26T12:00:00.000Z';
const [before, later] = ['2026-11-26T11:00:00.000Z', '2026-11-26T13:00:00.000Z'];
const noted: CallsNoted = { at: deploy, forgotten: 0, calls: { a: 10 } };
const run = (calls: number, since: string | null = null, key = 'a'): RunStatement => ({
  ...{ key, role: 'shop', text: '', calls, since },
});

it.each<[string, RunStatement, CallsNoted | null, string | null, number | null]>([
  ['what has become more', run(12), noted, null, 2],
  ['nothing', run(10), noted, before, 0],
  ['all of what was not there', run(3, null, 'b'), noted, null, 3],
  ['all of what was counted anew', run(4), noted, null, 4],
  ['all since the server forgot everything', run(12), noted, later, 12],
  ['all of what is counted since later', run(12, later), noted, null, 12],
  ['the difference of what is counted since before', run(12, before), noted, null, 2],
  ['nobody knows without a note', run(12), null, before, null],
  ['nobody knows of what is counted since before', run(12, before), null, null, null],
  ['all of what is counted since later, without a note', run(12, later), null, null, 12],
])('%s', (_, statement, note, reset, expected) => {
  expect(callsSince(statement, { noted: note, since: deploy, reset })).toBe(expected);
});

it('goes by the note that is next to the end of the deploy, and by none from before', () => {
  const at = (time: string): CallsNoted => ({ at: time, forgotten: null, calls: {} });
  expect(notedAfter([at(before), at(later), at('2026-11-26T12:00:05.000Z')], deploy)?.at).toBe(
    '2026-11-26T12:00:05.000Z',
  );
  expect(notedAfter([at('2026-11-26T11:59:50.000Z')], deploy)?.at).toBe('2026-11-26T11:59:50.000Z');
  expect(notedAfter([at(before)], deploy)).toBeNull();
});
