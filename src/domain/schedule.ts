import type { ProofLevel } from './backup.js';
import { parseCron, type CronRange } from './cron.js';
import type { scheduledWork, ScheduledRequest } from './requests.js';
import { parseSpan, spanText } from './span.js';

/** One entry of `schedules:` of a target. */
export interface ScheduleSetting {
  do: (typeof scheduledWork)[number];
  cron?: string | undefined;
  every?: string | undefined;
  timeZone: string;
  jitter?: string | undefined;
  catchUp: string;
  waitMinutes: number;
  pauseOnFailure: boolean;
  backup: string;
  level: ProofLevel;
  note: string;
}

/** When, as Temporal describes it: each field a list of ranges. */
export type Calendar = Readonly<
  Record<'second' | 'minute' | 'hour' | 'dayOfMonth' | 'month' | 'year' | 'dayOfWeek', readonly CronRange[]>
>;

/**
 * All of a Schedule that the settings decide, as Temporal gives it back: what is not so is put right. Whether it is
 * paused, and why, is people's.
 */
export interface ScheduleShape {
  calendars: readonly Calendar[];
  /** Milliseconds. */
  intervals: readonly number[];
  jitterMs: number;
  timeZone: string;
  overlap: string;
  catchUpMs: number;
  pauseOnFailure: boolean;
  workflow: string;
  workflowId: string;
  taskQueue: string;
  summary: string;
  request: ScheduledRequest;
}

/** A Schedule as Temporal has it. */
export interface KnownSchedule {
  id: string;
  shape: ScheduleShape;
  paused: boolean;
  /** Of whoever has paused or resumed it. */
  note: string;
  /** ISO 8601, UTC, the soonest first. */
  next: readonly string[];
  /** Runs that it has started, the newest first. */
  recent: readonly { at: string; workflowId: string; runId: string }[];
  /** Starts that were skipped because the one before had not ended, and that were missed for too long. */
  skipped: number;
  missed: number;
}

/** Names the Schedule of a target, in Temporal. */
export const scheduleIdOf = (target: string, name: string): string => `lockkeeper:${target}:${name}`;

/** The shape that a setting asks for. */
export function shapeOf(
  target: string,
  name: string,
  taskQueue: string,
  setting: ScheduleSetting,
): ScheduleShape {
  const { cron, every, jitter, level, backup, waitMinutes, note } = setting;
  const tries = setting.do === 'prove' || setting.do === 'drill';
  const named = tries ? { backup, ...(setting.do === 'prove' ? { level } : {}) } : {};
  return {
    calendars: cron === undefined ? [] : [calendarOf(cron)],
    intervals: every === undefined ? [] : [parseSpan(every) ?? 0],
    jitterMs: jitter === undefined ? 0 : (parseSpan(jitter) ?? 0),
    timeZone: setting.timeZone,
    overlap: 'SKIP',
    catchUpMs: parseSpan(setting.catchUp) ?? 0,
    pauseOnFailure: setting.pauseOnFailure,
    workflow: 'scheduled',
    // Temporal adds the time: the id under which all that changes a target runs is that of the child.
    workflowId: `lockkeeper-scheduled:${target}:${name}`,
    taskQueue,
    summary: `${setting.do} ${target} (${name})${note ? `: ${note}` : ''}`,
    request: { target, schedule: name, do: setting.do, waitMinutes, ...named },
  };
}

function calendarOf(text: string): Calendar {
  const cron = parseCron(text);
  if (typeof cron === 'string') throw new Error(cron); // the settings were checked
  const { minute, hour, dayOfMonth, month, dayOfWeek } = cron;
  const second = [{ start: 0, end: 0, step: 1 }];
  return { second, minute, hour, dayOfMonth, month, year: [], dayOfWeek };
}

const words: Readonly<Record<keyof ScheduleShape, string>> = {
  calendars: 'times',
  intervals: 'interval',
  jitterMs: 'jitter',
  timeZone: 'time zone',
  overlap: 'overlap',
  catchUpMs: 'catch-up window',
  pauseOnFailure: 'pause on failure',
  workflow: 'workflow',
  workflowId: 'workflow id',
  taskQueue: 'task queue',
  summary: 'note',
  request: 'what is done',
};

/** What of a Schedule is not as the settings have it, in words; empty: nothing. */
export const shapeDifferences = (is: ScheduleShape, shouldBe: ScheduleShape): string[] =>
  (Object.keys(words) as (keyof ScheduleShape)[])
    .filter((key) => canonical(is[key]) !== canonical(shouldBe[key]))
    .map((key) => `${words[key]}: ${shown(key, is)} → ${shown(key, shouldBe)}`);

/** Keys in order, so that what was sent and what came back are the same text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

function shown(key: keyof ScheduleShape, shape: ScheduleShape): string {
  if (key === 'calendars' || key === 'intervals') return whenText(shape);
  if (key === 'jitterMs' || key === 'catchUpMs') return shape[key] ? spanText(shape[key]) : 'none';
  const value = shape[key];
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** When it begins, in a few words: as cron has it, or `every 6h`. */
export function whenText({ calendars, intervals, timeZone }: ScheduleShape): string {
  const at = calendars.map(
    ({ minute, hour, dayOfMonth, month, dayOfWeek }) =>
      `${[
        fieldText(minute, 0, 59),
        fieldText(hour, 0, 23),
        fieldText(dayOfMonth, 1, 31),
        fieldText(month, 1, 12),
        fieldText(dayOfWeek, 0, 6),
      ].join(' ')} ${timeZone}`,
  );
  return [...at, ...intervals.map((ms) => `every ${spanText(ms)}`)].join(', ') || 'never';
}

function fieldText(ranges: readonly CronRange[], least: number, most: number): string {
  const parts = ranges.map(({ start, end, step }) => {
    const every = step === 1 ? '' : `/${step}`;
    if (start === least && end === most) return `*${every}`;
    return start === end ? String(start) : `${start}-${end}${every}`;
  });
  return parts.join(',') || '*';
}
