import { parkedText, progressLine, type BackfillStatus } from '../domain/backfill/status.js';
import { few, minuteOf } from '../domain/units.js';

/** How a backfill stands, for people at a terminal. */
export function backfillText(status: BackfillStatus): string {
  const { target, name, state, says, at, rowsPerSecond, parked, standing, notes, failure } = status;
  const line = (what: string, text: string) => `  ${what.padEnd(9)}${text}`;
  return [
    `backfill ${name} of ${target}: ${state}`,
    ...(says ? [line('', says)] : []),
    line('progress', `${progressLine(status)} (${minuteOf(at)} UTC)`),
    ...(rowsPerSecond === null ? [] : [line('limit', `${rowsPerSecond} rows a second`)]),
    ...few(notes, 5).map((note) => line('to know', note)),
    ...parked.map((row) => line('parked', parkedText(row))),
    ...((standing?.parked ?? 0) > parked.length
      ? [line('parked', 'all: SELECT * FROM lockkeeper_backfill.parked')]
      : []),
    ...(failure?.next ?? []).map((next, index) => line(index ? '' : 'next', `${index + 1}. ${next}`)),
  ].join('\n');
}
