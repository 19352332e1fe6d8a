import type { Client } from '@temporalio/client';
import { connected } from '../client.js';
import { scheduleRefused } from '../domain/problems/schedules.js';
import { shapeDifferences, shapeOf, whenText } from '../domain/schedule.js';
import { createSchedule, deleteSchedule, knownSchedule, ourSchedules, updateSchedule } from '../schedules.js';
import type { GlobalOptions, Io } from './io.js';
import { type Wanted, wantedSchedules } from './schedule-wanted.js';

interface Applied {
  id: string;
  did: 'created' | 'updated' | 'removed' | 'left' | 'unchanged';
  says: string;
}

/**
 * Makes the Schedules of Temporal those of the settings: of one target, or of all. Applied again nothing changes.
 * Removed are those that it has made itself for this task queue and that the settings no longer have.
 *
 * @throws Problem `schedule-refused`, or why Temporal cannot be reached
 */
export async function applySchedules(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const { config, targets, wanted } = wantedSchedules(targetName, options);
  const applied = await connected(config.state, async (client) => {
    const done: Applied[] = [];
    for (const each of wanted) done.push(await applyOne(client, config.taskQueue, each));
    const ids = new Set(wanted.map(({ id }) => id));
    const others = (await ourSchedules(client, config.taskQueue)).filter((id) => !ids.has(id));
    for (const id of others) done.push(...(await gone(client, id, targets, Object.keys(config.targets))));
    return done;
  });
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, schedules: applied }, null, 2));
  else for (const { id, did, says } of applied) io.out(`${did.padEnd(9)}  ${id}${says ? `  ${says}` : ''}`);
  if (!applied.length && !io.json) io.out('The settings have no schedules: targets.<name>.schedules');
  return 0;
}

async function applyOne(
  client: Client,
  taskQueue: string,
  { id, target, name, setting }: Wanted,
): Promise<Applied> {
  const shape = shapeOf(target, name, taskQueue, setting);
  const there = await knownSchedule(client, id);
  try {
    if (!there) {
      await createSchedule(client, id, shape, setting.note);
      return { id, did: 'created', says: `${setting.do}, ${whenText(shape)}` };
    }
    const differs = shapeDifferences(there.shape, shape);
    const paused = there.paused ? `paused${there.note ? `: ${there.note}` : ''}` : '';
    if (!differs.length) return { id, did: 'unchanged', says: paused };
    await updateSchedule(client, id, shape);
    return { id, did: 'updated', says: [...differs, ...(paused ? [paused] : [])].join('; ') };
  } catch (error) {
    throw scheduleRefused(id, (error as Error).message);
  }
}

/** What the settings no longer have. Of a target that they do not know it is not certain whose it is. */
async function gone(
  client: Client,
  id: string,
  targets: readonly string[],
  all: readonly string[],
): Promise<Applied[]> {
  const target = id.split(':')[1] ?? '';
  if (targets.includes(target)) {
    await deleteSchedule(client, id);
    return [{ id, did: 'removed', says: 'the settings no longer have it' }];
  }
  if (all.includes(target)) return [];
  const how = `temporal schedule delete --schedule-id ${id}`;
  return [{ id, did: 'left', says: `these settings have no target ${target}; when nobody needs it: ${how}` }];
}
