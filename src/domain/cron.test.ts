import { parseCron } from './cron.js';
import { parseSpan, spanText } from './span.js';

const all = (start: number, end: number) => [{ start, end, step: 1 }];
const one = (value: number) => all(value, value);

it.each([
  ['15 2 * * *', { minute: one(15), hour: one(2), dayOfMonth: all(1, 31), dayOfWeek: all(0, 6) }],
  ['*/10 8-18/2 1,15 jan-mar *', { minute: [{ start: 0, end: 59, step: 10 }], month: all(1, 3) }],
  ['5/20 * * * *', { minute: [{ start: 5, end: 59, step: 20 }] }],
  ['0 3 * * Sun', { dayOfWeek: one(0) }],
  ['0 3 * * 7', { dayOfWeek: one(0) }],
  ['0 3 * * 5-7', { dayOfWeek: [...one(5), ...one(6), ...one(0)] }],
])('%s', (text, expected) => {
  expect(parseCron(text)).toMatchObject(expected);
});

it.each([
  ['15 2 * *', /expected five fields/],
  ['60 2 * * *', /"60" is no minute/],
  ['0 2 0 * *', /"0" is no day of the month/],
  ['0 2 * * Someday', /"someday" is no day of the week/],
  ['0 2 * foo *', /"foo" is no month/],
  ['0 9-5 * * *', /"9-5" is no hour/],
  ['*/0 2 * * *', /no minute/],
  ['0 2 1 * mon', /not both.*two schedules/],
  ['@daily', /expected five fields/],
])('%s is refused in words', (text, words) => {
  expect(parseCron(text)).toMatch(words);
});

it('lengths of time', () => {
  expect(['90s', '15m', '6h', '7d', '0m', '5', 'soon'].map(parseSpan)).toEqual([
    ...[90_000, 900_000, 21_600_000, 604_800_000],
    ...[undefined, undefined, undefined],
  ]);
  expect([90_000, 900_000, 86_400_000].map(spanText)).toEqual(['90s', '15m', '1d']);
});
