import type { Client } from '@temporalio/client';
import { connected } from '../client.js';
import { noSchedule } from '../domain/problems/schedules.js';
import { type KnownSchedule, scheduleIdOf } from '../domain/schedule.js';
import { homeAt } from '../local.js';
import { scheduleText, schedulesJson, schedulesText } from '../report/schedules.js';
import { knownSchedule } from '../schedules.js';
import type { GlobalOptions, Io } from './io.js';
import { wantedSchedules } from './schedule-wanted.js';
import { whoAmI } from './who.js';

/** Shows the Schedules of a target, or of all targets. */
export async function listSchedules(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const { config, wanted } = wantedSchedules(targetName, options);
  const found = await connected(config.state, async (client) =>
    Promise.all(wanted.map(async ({ id }) => ({ id, known: await knownSchedule(client, id) }))),
  );
  io.out(io.json ? JSON.stringify(schedulesJson(found), null, 2) : schedulesText(found));
  return 0;
}

type Act = (client: Client, schedule: KnownSchedule) => Promise<string>;

/** What can be done with one Schedule. The words are what is printed. */
const acts = {
  describe: (_, schedule) => Promise.resolve(scheduleText(schedule)),
  pause: async (client, { id }) => {
    await client.schedule.getHandle(id).pause(`paused by ${whoAmI()}`);
    return `paused: ${id} starts nothing until it is resumed; what runs goes on`;
  },
  resume: async (client, { id }) => {
    await client.schedule.getHandle(id).unpause(`resumed by ${whoAmI()}`);
    const next = (await knownSchedule(client, id))?.next[0];
    return `resumed: ${id}${next ? `, next at ${next}` : ''}`;
  },
  trigger: async (client, { id }) => {
    await client.schedule.getHandle(id).trigger('SKIP');
    return `triggered: ${id} (a run of it that goes on already makes this one be skipped)`;
  },
} satisfies Record<string, Act>;

/**
 * Does something with one Schedule of a target.
 *
 * @param name - of the schedule in the settings; not needed when there is only one
 * @throws Problem `no-schedule`, or why Temporal cannot be reached
 */
export async function scheduleCommand(
  what: keyof typeof acts,
  targetName: string | undefined,
  name: string | undefined,
  options: GlobalOptions & { note?: string },
  io: Io,
): Promise<number> {
  const { name: target, settings, config } = homeAt(options.config).target(targetName);
  const names = Object.keys(settings.schedules);
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) throw noSchedule(target, name, names);
  const id = scheduleIdOf(target, wanted);
  const { schedule, says } = await connected(config.state, async (client) => {
    const schedule = await knownSchedule(client, id);
    if (!schedule) throw noSchedule(target, wanted, []);
    const says = await acts[what](client, schedule);
    return { says, schedule: (await knownSchedule(client, id)) ?? schedule };
  });
  io.out(io.json ? JSON.stringify({ schemaVersion: 1, ...schedule }, null, 2) : says);
  return 0;
}
