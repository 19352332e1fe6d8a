/** A time of the week in which a change may run, such as `Mon-Fri 22:00-05:00 Europe/Berlin`. */
export interface Window {
  /** 0 is Sunday, as in JavaScript. The days on which it begins. */
  days: readonly number[];
  /** Minutes after midnight. An end that is not after the start lies on the next day. */
  from: number;
  to: number;
  /** IANA name. */
  zone: string;
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const pattern = /^([a-z]{3})(?:-([a-z]{3}))?\s+(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})\s+(\S+)$/i;

/** @returns the window, or in words what is wrong with the text */
export function parseWindow(text: string): Window | string {
  const match = pattern.exec(text.trim());
  if (!match) return `expected a window such as "Mon-Fri 22:00-05:00 Europe/Berlin", got "${text}"`;
  const [, first = '', last = first, fromHour, fromMinute, toHour, toMinute, zone = ''] = match;
  const [a, b] = [dayNames.indexOf(first.toLowerCase()), dayNames.indexOf(last.toLowerCase())];
  if (a < 0 || b < 0)
    return `expected days such as Mon or Mon-Fri, got "${first}${match[2] ? `-${last}` : ''}"`;
  const [from, to] = [minutes(fromHour, fromMinute), minutes(toHour, toMinute)];
  if (from === null || to === null) return `expected times from 00:00 to 23:59, got "${text}"`;
  if (!isZone(zone)) return `expected an IANA time zone such as Europe/Berlin, got "${zone}"`;
  return { days: daysFrom(a, b), from, to, zone };
}

function minutes(hour = '', minute = ''): number | null {
  const [h, m] = [Number(hour), Number(minute)];
  return h < 24 && m < 60 ? h * 60 + m : null;
}

const daysFrom = (first: number, last: number): number[] =>
  Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7);

/** Whether it is the name of a time zone, such as `Europe/Berlin`. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const MINUTE_MS = 60_000;
/** A window comes back every week; a day more for the changes of the clocks. */
const LOOK_AHEAD_MINUTES = 8 * 24 * 60;

/**
 * When a change may begin: now inside of a window, else when the next one opens.
 *
 * @param now - milliseconds since 1970
 * @returns milliseconds since 1970; null when no window ever opens
 */
export function nextOpening(windows: readonly Window[], now: number): number | null {
  if (windows.length === 0) return now;
  const isOpen = opennessOf(windows);
  return isOpen(now) ? now : firstMinute(now, isOpen);
}

/**
 * When the next window opens, other than one that is open now.
 *
 * @returns milliseconds since 1970; null when none closes, or none opens again
 */
export function laterOpening(windows: readonly Window[], now: number): number | null {
  const isOpen = opennessOf(windows);
  const closes = firstMinute(now, (at) => !isOpen(at));
  return closes === null ? null : firstMinute(closes, isOpen);
}

/** The first minute from `now` on at which it is so; null when it is not within a week. */
function firstMinute(now: number, isSo: (at: number) => boolean): number | null {
  const first = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  for (let minute = 0; minute <= LOOK_AHEAD_MINUTES; minute += 1)
    if (isSo(first + minute * MINUTE_MS)) return first + minute * MINUTE_MS;
  return null;
}

function opennessOf(windows: readonly Window[]): (at: number) => boolean {
  const clocks = windows.map((window) => ({ window, clock: clockOf(window.zone) }));
  return (at) => clocks.some(({ window, clock }) => contains(window, clock(at)));
}

interface Local {
  day: number;
  minute: number;
}

function contains({ days, from, to }: Window, { day, minute }: Local): boolean {
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const yesterday = (day + 6) % 7;
  return (days.includes(day) && minute >= from) || (days.includes(yesterday) && minute < to);
}

/** What a clock on the wall shows in a zone: the day of the week, and the minute of the day. */
function clockOf(timeZone: string): (at: number) => Local {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      day: dayNames.indexOf(parts['weekday']!.toLowerCase()),
      minute: Number(parts['hour']) * 60 + Number(parts['minute']),
    };
  };
}
