import type {
  Client,
  ScheduleDescription,
  ScheduleOptions,
  ScheduleSpecDescription,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { ScheduledRequest } from './domain/requests.js';
import type { Calendar, KnownSchedule, ScheduleShape } from './domain/schedule.js';
import { temporal } from './temporal-client.js';

const MONTHS = ['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER'].concat(
  ['OCTOBER', 'NOVEMBER', 'DECEMBER'],
);
const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

type Sent = NonNullable<ScheduleOptions['spec']['calendars']>[number];

/** The SDK takes names where cron has numbers. */
const sent = ({ month, dayOfWeek, ...calendar }: Calendar): Sent =>
  ({
    ...calendar,
    month: month.map((range) => named(range, MONTHS, 1)),
    dayOfWeek: dayOfWeek.map((range) => named(range, DAYS, 0)),
  }) as unknown as Sent;

const named = (
  { start, end, step }: { start: number; end: number; step: number },
  names: readonly string[],
  first: number,
) => ({
  start: names[start - first],
  end: names[end - first],
  step,
});

const came = (calendar: NonNullable<ScheduleSpecDescription['calendars']>[number]): Calendar => {
  const { month, dayOfWeek, comment: _, ...rest } = calendar;
  const numbered =
    (names: readonly string[], first: number) =>
    (range: (typeof month)[number] | (typeof dayOfWeek)[number]) => ({
      start: names.indexOf(range.start) + first,
      end: names.indexOf(range.end) + first,
      step: range.step,
    });
  return { ...rest, month: month.map(numbered(MONTHS, 1)), dayOfWeek: dayOfWeek.map(numbered(DAYS, 0)) };
};

const TARGET = defineSearchAttributeKey('LockkeeperTarget', SearchAttributeType.KEYWORD);

function optionsOf(shape: ScheduleShape) {
  const { calendars, intervals, jitterMs, timeZone, request } = shape;
  const attributes = [{ key: TARGET, value: request.target }];
  return {
    spec: {
      calendars: calendars.map(sent),
      intervals: intervals.map((every) => ({ every })),
      jitter: jitterMs,
      timezone: timeZone,
    },
    action: {
      ...({ type: 'startWorkflow', workflowType: shape.workflow, workflowId: shape.workflowId } as const),
      ...{ taskQueue: shape.taskQueue, args: [request], staticSummary: shape.summary },
      typedSearchAttributes: attributes,
    },
    policies: {
      overlap: 'SKIP' as const,
      catchupWindow: shape.catchUpMs,
      pauseOnFailure: shape.pauseOnFailure,
    },
    typedSearchAttributes: attributes,
  };
}

/** Whose it is: written when it is made, and never changed by Temporal. */
interface Mark {
  lockkeeper: 'schedule apply';
  taskQueue: string;
}

/** Makes a Schedule. @param note - shown beside it until a person pauses or resumes it */
export async function createSchedule(
  client: Client,
  id: string,
  shape: ScheduleShape,
  note: string,
): Promise<void> {
  const memo: Mark = { lockkeeper: 'schedule apply', taskQueue: shape.taskQueue };
  await client.schedule.create({
    scheduleId: id,
    memo: { ...memo },
    ...optionsOf(shape),
    ...(note ? { state: { note } } : {}),
  });
}

/** Puts a Schedule right. Whether people have paused it, and why, stays. */
export async function updateSchedule(client: Client, id: string, shape: ScheduleShape): Promise<void> {
  await client.schedule.getHandle(id).update(({ state }) => ({ ...optionsOf(shape), state }));
}

export const deleteSchedule = (client: Client, id: string): Promise<void> =>
  client.schedule.getHandle(id).delete();

/** @returns undefined when there is none */
export async function knownSchedule(client: Client, id: string): Promise<KnownSchedule | undefined> {
  try {
    return known(await client.schedule.getHandle(id).describe());
  } catch (error) {
    if (error instanceof temporal.ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** Ids of all Schedules that `schedule apply` has made for this task queue. Temporal lists a new one a moment later. */
export async function ourSchedules(client: Client, taskQueue: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId, memo } of client.schedule.list()) {
    const mark = memo as Partial<Mark> | undefined;
    if (mark?.lockkeeper === 'schedule apply' && mark.taskQueue === taskQueue) ids.push(scheduleId);
  }
  return ids.sort();
}

function known({ scheduleId, spec, action, policies, state, info }: ScheduleDescription): KnownSchedule {
  const [request] = action.args ?? [];
  return {
    id: scheduleId,
    shape: {
      calendars: (spec.calendars ?? []).map(came),
      intervals: (spec.intervals ?? []).map(({ every }) => every),
      jitterMs: spec.jitter ?? 0,
      timeZone: spec.timezone ?? 'UTC',
      overlap: policies.overlap ?? 'SKIP',
      catchUpMs: policies.catchupWindow,
      pauseOnFailure: policies.pauseOnFailure,
      ...{ workflow: action.workflowType, workflowId: action.workflowId ?? '', taskQueue: action.taskQueue },
      summary: action.staticSummary ?? '',
      request: request as ScheduledRequest,
    },
    paused: state.paused,
    note: state.note ?? '',
    next: info.nextActionTimes.map((at) => at.toISOString()),
    recent: info.recentActions
      .map(({ takenAt, action: { workflow } }) => ({
        at: takenAt.toISOString(),
        workflowId: workflow.workflowId,
        runId: workflow.firstExecutionRunId,
      }))
      .reverse(),
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}
