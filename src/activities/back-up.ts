import { resolve } from 'node:path';
import { backUp as takeBackup } from '../adapters/backup/back-up.js';
import { removeParts } from '../adapters/backup/files.js';
import { MOST_JOBS } from '../adapters/backup/pg-tools.js';
import type { Backup } from '../domain/backup.js';
import type { Plan, VersionTable } from '../domain/plan.js';
import { planOf } from '../domain/record.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { bytes } from '../domain/units.js';
import { backUpClosed } from './back-up-closed.js';
import { folderOf } from './backups.js';
import { runningRelease } from './fetch-release.js';
import type { Home, Target } from './home.js';
import { keepBackup } from './keep-backup.js';
import { readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { sessionName } from './standing.js';
import { tidyFirst } from './tidy.js';
import type { Work } from './work.js';

export interface BackUpInput extends RunInput {
  /** Of the plan that it is for; none where a backup is all that is wanted. */
  planHash?: string;
  /** Of a rollback: what runs is the plan's release, and not the one before. */
  direction?: 'back';
  /** A second one of the same run: what was written since the first is in it. */
  again?: boolean;
}

/**
 * Backs up the target's database under the run's own name: a second attempt finds what the first has finished.
 */
export async function backUp(home: Home, input: BackUpInput, work: Work): Promise<Backup & Noted> {
  const target = home.target(input.target);
  const plan = input.planHash ? await readPlan(target.config.state, input.planHash) : undefined;
  const closed = input.again && plan ? await backUpClosed(target, plan, input, work) : undefined;
  if (closed) return closed;
  const { tools, giveWayAfterSeconds, longestMinutes, contentHash } = target.settings.backup;
  const { config } = target;
  // Without a plan it is all that the run does.
  const found = plan ? [] : await tidyFirst(home, input, work);
  const versionTable = plan?.versionTable ?? (await versionTableOf(target));
  const backup = await takeBackup(
    { url: target.url() },
    {
      folder: folderOf(target),
      name: input.again ? `${input.runId}-closed` : input.runId,
      attempt: work.attempt,
      ...(tools ? { pgBin: resolve(config.folder, tools) } : {}),
      applicationName: sessionName(target.name, input.again ? 'again' : 'backup', input.runId),
      ignore: target.settings.ignore,
      contentHash,
      ...(versionTable ? { versionTable } : {}),
      release: plan ? runsBy(plan, input) : await releaseNow(target, input.runId, work),
      jobs: jobsOf(target, work.attempt),
      giveWayMs: giveWayAfterSeconds * 1_000,
      longestMs: longestMinutes * 60_000,
      signal: work.signal,
      onProgress: work.progress,
      ...(work.onTool ? { onStart: work.onTool } : {}),
    },
  );
  const keep = { runId: input.runId, beforeChange: plan !== undefined, waiting: input.again ?? false };
  const kept = await keepBackup(target, backup, keep, work);
  const alarms = (backup.alarms ?? []).map((alarm) => `ALARM: ${alarm}`);
  const notes = [`${bytes(backup.bytes)} in ${backup.path}`, ...alarms, ...kept, ...found];
  return { ...backup, note: notes.join('; ') };
}

const runsBy = ({ release, running }: Plan, { direction }: BackUpInput): string | null =>
  direction === 'back' ? release : running;

/** The workers of a parallel dump give way to whoever waits for a table; a dump by one session holds what it has. */
const ALONE_FROM_ATTEMPT = 3;

/** @returns how many sessions dump at the same time */
function jobsOf({ settings: { backup } }: Target, attempt: number): number {
  if (attempt >= ALONE_FROM_ATTEMPT) return 1;
  return backup.jobs || MOST_JOBS;
}

/** Of an application that is down nobody can tell; a backup does not wait for that. */
const releaseNow = (target: Target, runId: string, work: Work): Promise<string | null> =>
  runningRelease(target, runId, work).catch(() => null);

/** Alembic's table, as the last plan has found it. */
async function versionTableOf({ name, config }: Target): Promise<VersionTable | undefined> {
  const plan = (await recordsOf(config.state, name)).map(planOf).find((each) => each !== undefined);
  if (!plan) return undefined;
  return (await readPlan(config.state, plan.planHash).catch(() => undefined))?.versionTable;
}

/** A run that ends tries no backup again: what is left of one that was cut off is nobody's. */
export async function forgetUnfinished(home: Home, { target, runId }: RunInput): Promise<void> {
  for (const name of [runId, `${runId}-closed`]) await removeParts(folderOf(home.target(target)), name);
}
