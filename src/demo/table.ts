import Table from 'cli-table3';
import { planOf } from '../domain/record.js';
import { duration } from '../domain/units.js';
import type { Played } from './play.js';
import { trafficOf, within, type Request, type Traffic } from './traffic.js';

const head = ['release', 'risk', 'came to', 'took', 'closed', 'ok', '503', 'failed', 'slowest'];

/** No lines between the columns: it must have room in 80 of them. */
const plain = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((place) => [place, '']),
);

/** What became of each release, and what the customers noticed of it; the last line is all that they did. */
export function resultTable(played: readonly Played[], requests: readonly Request[]): string {
  const table = new Table({
    head,
    chars: { ...plain, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: ['left', 'left', 'left', ...Array.from({ length: 6 }, () => 'right' as const)],
  });
  for (const { part, record, span } of played) {
    const { risk = '?' } = planOf(record) ?? {};
    const words = [part.name, risk.replace('-', ' '), record.outcome, short(span.to - span.from)];
    table.push([...words, ...cells(trafficOf(within(requests, span)))]);
  }
  table.push(['in all', '', '', '', ...cells(trafficOf(requests), false)]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Minutes as seconds: on a slow machine, too, a line has room in 80 columns. */
const short = (ms: number): string => (ms < 60_000 ? duration(ms) : `${(ms / 1_000).toFixed(1)} s`);

const cells = ({ ok, closed, failed, slowestMs, closedMs }: Traffic, one = true): string[] => [
  one ? (closedMs ? short(closedMs) : '-') : '',
  ...[ok, closed, failed].map(String),
  duration(slowestMs),
];
