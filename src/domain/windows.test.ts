import { laterOpening, nextOpening, parseWindow, type Window } from './windows.js';

const windowOf = (text: string): Window => {
  const window = parseWindow(text);
  if (typeof window === 'string') throw new Error(window);
  return window;
};
const opening = (text: string, now: string): string | null => {
  const at = nextOpening([windowOf(text)], Date.parse(now));
  return at === null ? null : new Date(at).toISOString();
};

describe('a window', () => {
  it.each([
    ['is open now', 'Mon-Fri 09:00-17:00 UTC', '2026-11-25T10:00:30Z', '2026-11-25T10:00:30.000Z'],
    ['opens later today', 'Mon-Fri 22:00-23:00 UTC', '2026-11-25T10:00:30Z', '2026-11-25T22:00:00.000Z'],
    [
      'opens after the weekend',
      'Mon-Fri 09:00-10:00 UTC',
      '2026-11-27T12:00:00Z',
      '2026-11-30T09:00:00.000Z',
    ],
    ['goes over midnight', 'Fri 22:00-05:00 UTC', '2026-11-28T04:59:00Z', '2026-11-28T04:59:00.000Z'],
    ['ends over midnight', 'Fri 22:00-05:00 UTC', '2026-11-28T05:00:00Z', '2026-12-04T22:00:00.000Z'],
    [
      'is in its own zone',
      'Wed 22:00-23:00 Europe/Berlin',
      '2026-11-25T10:00:00Z',
      '2026-11-25T21:00:00.000Z',
    ],
    [
      'knows summer time',
      'Wed 22:00-23:00 Europe/Berlin',
      '2026-07-22T10:00:00Z',
      '2026-07-22T20:00:00.000Z',
    ],
    // On 29 March 2026 the clocks in Berlin go from 02:00 to 03:00.
    [
      'survives a night without its hour',
      'Sun 02:15-02:45 Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-04-05T00:15:00.000Z',
    ],
    // On 25 October 2026 they go from 03:00 back to 02:00: the hour comes twice, and so does the window.
    [
      'opens in the first of two equal hours',
      'Sun 02:15-02:45 Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:15:00.000Z',
    ],
    [
      'opens again in the second of two equal hours',
      'Sun 02:15-02:45 Europe/Berlin',
      '2026-10-25T00:50:00Z',
      '2026-10-25T01:15:00.000Z',
    ],
    [
      'stays open over the longer night',
      'Sat 22:00-05:00 Europe/Berlin',
      '2026-10-25T03:59:00Z',
      '2026-10-25T03:59:00.000Z',
    ],
    [
      'ends by the clock on the wall after the longer night',
      'Sat 22:00-05:00 Europe/Berlin',
      '2026-10-25T04:00:00Z',
      '2026-10-31T21:00:00.000Z',
    ],
    [
      'ends by the clock on the wall after the shorter night',
      'Sat 22:00-05:00 Europe/Berlin',
      '2026-03-29T03:00:00Z',
      '2026-04-04T20:00:00.000Z',
    ],
    [
      'knows a zone without summer time',
      'Sun 03:00-04:00 Asia/Seoul',
      '2026-07-22T00:00:00Z',
      '2026-07-25T18:00:00.000Z',
    ],
    [
      'knows a zone whose clocks move by half an hour',
      'Sun 02:15-02:45 Australia/Lord_Howe',
      '2026-10-03T00:00:00Z',
      '2026-10-03T15:30:00.000Z',
    ],
    ['goes round the week', 'Sat-Mon 01:00-02:00 UTC', '2026-11-25T10:00:00Z', '2026-11-28T01:00:00.000Z'],
  ])('%s', (_, text, now, expected) => {
    expect(opening(text, now)).toBe(expected);
  });

  it.each([
    ['whenever', 'expected a window such as "Mon-Fri 22:00-05:00 Europe/Berlin", got "whenever"'],
    ['Mon-Fry 22:00-23:00 UTC', 'expected days such as Mon or Mon-Fri, got "Mon-Fry"'],
    ['Mon 25:00-26:00 UTC', 'expected times from 00:00 to 23:59, got "Mon 25:00-26:00 UTC"'],
    ['Mon 22:00-23:00 Mars/Base', 'expected an IANA time zone such as Europe/Berlin, got "Mars/Base"'],
  ])('says what is wrong with %s', (text, words) => {
    expect(parseWindow(text)).toBe(words);
  });

  it.each([
    [
      'the next one, while one is open',
      ['Mon-Fri 22:00-05:00 UTC'],
      '2026-11-26T23:00:00Z',
      '2026-11-27T22:00:00.000Z',
    ],
    [
      'the same that is next anyway',
      ['Mon-Fri 22:00-05:00 UTC'],
      '2026-11-26T12:00:00Z',
      '2026-11-26T22:00:00.000Z',
    ],
    [
      'not one that goes on where another ends',
      ['Thu 22:00-23:00 UTC', 'Thu 22:30-23:30 UTC', 'Sat 01:00-02:00 UTC'],
      '2026-11-26T22:10:00Z',
      '2026-11-28T01:00:00.000Z',
    ],
  ])('later: %s', (_, texts, now, expected) => {
    const windows = texts.map(windowOf);
    expect(new Date(laterOpening(windows, Date.parse(now))!).toISOString()).toBe(expected);
  });

  it('has no later one where one is open all the time, and where there is none', () => {
    const windows = ['Mon-Sun 00:00-12:00 UTC', 'Mon-Sun 12:00-00:00 UTC'].map(windowOf);
    expect(laterOpening(windows, 5)).toBeNull();
    expect(laterOpening([], 5)).toBeNull();
  });

  it('is always open where there is none', () => {
    expect(nextOpening([], 5)).toBe(5);
  });
});
