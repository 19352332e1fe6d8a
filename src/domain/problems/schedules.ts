import { Problem } from '../problem.js';

/** The settings have no schedule of that name, or Temporal does not know it yet. */
export const noSchedule = (target: string, name: string | undefined, found: readonly string[]) =>
  new Problem('no-schedule', {
    what: name ? `${target} has no schedule ${name}` : `say which schedule of ${target} is meant`,
    ...(found.length ? { why: `there are ${found.join(', ')}` } : {}),
    next: found.length
      ? ['name one of them']
      : [`write it into lockkeeper.yaml: targets.${target}.schedules`, 'then: lockkeeper schedule apply'],
    retry: false,
  });

/** Temporal did not do what was asked of it. `why` in its words. */
export const scheduleRefused = (id: string, why: string) =>
  new Problem('schedule-refused', {
    what: `Temporal does not take the schedule ${id}`,
    why,
    next: ['correct what its words name, and try again', 'what was applied before it stays applied'],
    retry: true,
  });
