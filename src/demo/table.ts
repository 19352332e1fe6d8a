import Table from 'cli-table3';
import { duration } from '../domain/units.js';
import type { Traffic } from './load.js';

/** One deploy of the demo, as its last table shows it. */
export interface Row {
  release: string;
  procedure: string;
  risk: string;
  outcome: string;
  ms: number;
  traffic: Traffic;
}

const head = ['release', 'risk', 'procedure', 'came to', 'took', 'requests ok', 'failed', 'slowest'];

/** What became of each release, and what the shoppers noticed of it. */
export function resultTable(rows: readonly Row[]): string {
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { release, risk, procedure, outcome, ms, traffic } of rows)
    table.push([
      release,
      risk,
      procedure,
      outcome,
      duration(ms),
      String(traffic.ok),
      String(traffic.failed),
      duration(traffic.slowestMs),
    ]);
  return table.toString();
}
