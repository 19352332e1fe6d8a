import type { Keepsake } from '../domain/keepsake.js';
import { bytes, count, minuteOf } from '../domain/units.js';
import { tableText } from './table.js';
import { shortRun } from '../domain/run-id.js';

/** What is kept of a target, the oldest first. @param now - ms since 1970 */
export function keepsakesText(target: string, all: readonly Keepsake[], now: number): string {
  if (all.length === 0) return `Nothing of ${target} is kept.`;
  const size = bytes(all.reduce((sum, each) => sum + each.bytes, 0));
  const broken = all.flatMap(({ id, broken: why }) =>
    why === undefined ? [] : [`NOTE ${id} cannot go back: ${why}`],
  );
  const table = tableText([
    ['keepsake', 'of', 'what', 'size', 'made', 'by', 'until'],
    ...all.map((each) => [
      each.id,
      each.planned.table,
      `${each.planned.takes.join(', ')}${each.state === 'complete' ? '' : `; ${each.state}`}`,
      bytes(each.bytes),
      minuteOf(each.madeAt),
      `${each.owner}, run ${shortRun(each.runId)}`,
      `${each.endsAt.slice(0, 10)}${Date.parse(each.endsAt) < now ? ', is over' : ''}`,
    ]),
  ]);
  return [table, '', ...broken, `${count(all.length, 'keepsake')}, ${size}.`].join('\n');
}

/** The same for machines. */
export const keepsakesJson = (target: string, all: readonly Keepsake[]) => ({
  schemaVersion: 1,
  target,
  keepsakes: all.map(({ planned, broken, ...each }) => ({
    ...each,
    ...{ table: planned.table, how: planned.how, takes: planned.takes, revisions: planned.revisions },
    broken: broken ?? null,
  })),
});
