import { type KnownSchedule, whenText } from '../domain/schedule.js';
import { spanText } from '../domain/span.js';
import { count, minuteOf } from '../domain/units.js';
import { tableText } from './table.js';

export interface ListedSchedule {
  id: string;
  /** Undefined: the settings have it, and Temporal does not yet. */
  known: KnownSchedule | undefined;
}

/** All of them, a line each. */
export function schedulesText(all: readonly ListedSchedule[]): string {
  if (!all.length) return 'The settings have no schedules: targets.<name>.schedules';
  const rows = all.map(({ id, known }) =>
    known ? [id, ...cells(known)] : [id, '-', '-', 'not applied yet: lockkeeper schedule apply'],
  );
  return tableText([['schedule', 'does', 'when', 'next'], ...rows]);
}

const cells = ({ shape, paused, note, next }: KnownSchedule): string[] => [
  shape.request.do,
  whenText(shape),
  paused ? `PAUSED${note ? `: ${note}` : ''}` : next[0] ? `${minuteOf(next[0])} UTC` : 'never',
];

/** One of them, all that is known. */
export const scheduleText = (schedule: KnownSchedule): string => {
  const { id, shape, paused, note, next, recent, skipped, missed } = schedule;
  return [
    `${id}  ${shape.summary}`,
    `  when      ${whenText(shape)}${shape.jitterMs ? `, up to ${spanText(shape.jitterMs)} later` : ''}`,
    `  does      ${JSON.stringify(shape.request)}`,
    `  catches up ${spanText(shape.catchUpMs)}; ${shape.pauseOnFailure ? 'a failure pauses it' : 'a failure does not pause it'}`,
    `  state     ${paused ? 'PAUSED' : 'active'}${note ? `: ${note}` : ''}`,
    `  next      ${
      next
        .slice(0, 3)
        .map((at) => `${minuteOf(at)} UTC`)
        .join(', ') || 'never'
    }`,
    ...(skipped || missed
      ? [
          `  not begun ${count(skipped, 'time')} because the one before went on, ${count(missed, 'time')} missed`,
        ]
      : []),
    ...recent.slice(0, 5).map(({ at, workflowId }) => `  ran       ${minuteOf(at)} UTC  ${workflowId}`),
  ].join('\n');
};

/** The same for machines. */
export const schedulesJson = (all: readonly ListedSchedule[]) => ({
  schemaVersion: 1,
  schedules: all.map(({ id, known }) => ({ id, applied: known !== undefined, ...known })),
});
