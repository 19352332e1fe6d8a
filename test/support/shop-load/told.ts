import type { LoadReport } from './shop-load.js';

/** What clients met in each step, as people read it. */
export const loadTable = (title: string, seen: readonly (readonly [string, LoadReport])[]): string =>
  [
    title,
    '| step | seconds | tps | statements | failed | p50 ms | p95 ms | slowest ms | of |',
    '|---|--:|--:|--:|--:|--:|--:|--:|---|',
    ...seen.map(
      ([step, { seconds, tps, statements, failed, p50, p95, slowest }]) =>
        `| ${step} | ${seconds} | ${tps} | ${statements} | ${failed} | ${p50} | ${p95} | ${slowest.ms} | ${slowest.sql.slice(0, 40)} |`,
    ),
  ].join('\n');
