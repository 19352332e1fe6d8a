import { connected, latestRun } from '../client.js';
import { stateWord } from '../domain/page.js';
import { workflowIdOf } from '../domain/requests.js';
import {
  closureOf,
  explainRun,
  homeAt,
  lastLog,
  revisionsNow,
  watchDatabase,
  type Target,
} from '../local.js';
import { logText, seenText } from '../report/watch.js';
import { askRecord } from './follow.js';
import type { GlobalOptions, Io } from './io.js';
import { commandWork } from './work.js';

/**
 * How a target stands in an emergency: its site, its run, the revisions of its database, who holds and waits for
 * locks, and the last lines of the migration's log. Each of them is told whatever becomes of the others.
 *
 * @returns 0
 */
export async function emergencyStatus(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const work = commandWork(io);
  const [site, run, temporal, revisions, database] = await Promise.all([
    told(async () => (await closureOf(target, Date.now()))?.says ?? 'the target has no closure'),
    told(async () => (await explainRun(target, 'put-back'))?.says ?? 'no run is known in the state folder'),
    temporalSays(target).catch(messageOf),
    told(async () => (await revisionsNow(target, null, work.signal)).join(', ') || 'base'),
    told(() => databaseSays(target, work)),
  ]);
  const all = { target: target.name, site, run, temporal, alembicVersion: revisions };
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, ...all, database }, null, 2));
  else
    io.out(
      [
        `Site             ${site}`,
        `Run              ${run}`,
        `Temporal         ${temporal}`,
        `alembic_version  ${revisions}`,
        '',
        database,
        '',
        `What is left to do by hand: lockkeeper explain ${target.name}`,
      ].join('\n'),
    );
  return 0;
}

const told = (ask: () => Promise<string>): Promise<string> =>
  ask().catch((error: unknown) => `not known: ${messageOf(error)}`);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const temporalSays = (target: Target): Promise<string> =>
  connected(target.config.state, async (client) => {
    const run = await latestRun(client, workflowIdOf(target.name));
    if (!run?.running) return 'answers; nothing runs';
    const record = await askRecord(client, run.handle);
    return record
      ? `answers; ${record.kind}: ${stateWord(record)}`
      : `answers; a ${run.type} runs, and no worker answers`;
  });

/** The log is in the state folder, whether or not the database answers. */
async function databaseSays(target: Target, work: ReturnType<typeof commandWork>): Promise<string> {
  let text = '';
  try {
    await watchDatabase(target, null, work, (seen) => (text = seenText(seen)));
  } catch (error) {
    const log = await lastLog(target);
    text = `Database: not known: ${messageOf(error)}\n\n${log ? logText(log) : 'Migration log: none'}`;
  }
  return text;
}
