import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { restoreBeside, type Restored } from '../adapters/backup/restore-beside.js';
import { restorePlain } from '../adapters/backup/restore-plain.js';
import { withClient } from '../adapters/postgres/client.js';
import { withKept } from '../adapters/postgres/kept.js';
import { withDatabase } from '../adapters/postgres/databases.js';
import type { Backup } from '../domain/backup.js';
import { backupDamaged } from '../domain/problems/restore.js';
import { writtenMeanwhile } from '../domain/problems/restore-run.js';
import type { RestoreContent, RestorePlan, RestoreSummary } from '../domain/restore.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { bytes, duration } from '../domain/units.js';
import { lostLines, totalText } from '../plan/lost.js';
import { restorePlan, summariseRestore } from '../plan/restore.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import type { Home, Target } from './home.js';
import { keepPlan, readRestorePlan } from './plans.js';
import { judged } from './restore-check.js';
import { type Counted, countLost, withBoth } from './restore-lost.js';
import { restoreOptions } from './restore-options.js';
import { proveTables } from './restore-only.js';
import { sessionName, standingHere } from './standing.js';
import type { Work } from './work.js';
import { writersMoved } from './writers.js';

/**
 * Restores the backup into a database beside and compares it with its manifest, to the row, while the site is
 * still open; then compares the live database with it, row by row, and writes what would be lost into files. The
 * copy stays for the swap.
 *
 * @returns the plan with what that showed: final, under a hash of its own; it is what people approve
 * @throws Problem of `restoreBeside`, `restorePlain` and `countLost`; `written-meanwhile`
 */
export async function proveBackup(home: Home, input: StepInput, work: Work): Promise<RestoreSummary & Noted> {
  const target = home.target(input.target);
  const plan = await readRestorePlan(target.config.state, input.planHash);
  const { runId } = input;
  const proved = plan.only
    ? await proveTables(target, plan, runId, work)
    : await proveWhole(target, plan, runId, work);
  const { moved } = await writersMoved(home, { ...input, since: plan.counters }, work);
  if (moved.length && !plan.untilClosed && !plan.only) throw writtenMeanwhile(target.name, moved);
  const final = restorePlan({ ...contentOf(plan), ...proved.changes });
  await keepPlan(target.config.state, final);
  return { ...summariseRestore(final, proved.note), note: proved.note };
}

const contentOf = ({ planHash: _, ...content }: RestorePlan): RestoreContent => content;

export interface Proved extends Noted {
  changes: Partial<RestoreContent>;
}

async function proveWhole(target: Target, plan: RestorePlan, runId: string, work: Work): Promise<Proved> {
  if (plan.source?.kind === 'kept') return proveKept(target, plan, runId, work);
  const used = await using(target, plan, runId, work, () => copyFor(target, plan, runId, work));
  const { url, ms, bytes: size } = used.result;
  const counted = await withBoth(target, { runId, url }, work.signal, (live, copy) =>
    countLost(target, plan, { id: runId, live, copy }, work),
  );
  const isFile = plan.source?.kind === 'file';
  const session = { applicationName: sessionName(target.name, 'look', runId), signal: work.signal };
  const found = isFile
    ? await withClient(url, session, (client) => standingHere(client, target, plan.versionTable))
    : undefined;
  const equal = isFile
    ? 'with as many rows as the file has, and no error'
    : 'equal to its manifest to the row';
  return {
    note: `restored beside in ${duration(ms)} (${bytes(size)}), ${equal}${used.alarms}; ${lostNote(counted)}`,
    changes: {
      ...afterCounting(target, plan, counted),
      ...(found
        ? { to: found.revisions, restored: { revisions: found.revisions, fingerprint: found.fingerprint } }
        : {}),
    },
  };
}

/** A backup is kept, and fetched back where it was damaged, while it is used. */
export async function using<T>(
  target: Target,
  { backup }: RestorePlan,
  runId: string,
  work: Work,
  act: () => Promise<T>,
): Promise<{ result: T; alarms: string }> {
  if (!backup) return { result: await act(), alarms: '' };
  const used = await usingBackup(target, backup, { by: runId, why: 'a restore' }, work, act);
  return { result: used.result, alarms: alarmsIn(used) };
}

/** It is as it was put aside: nothing could connect to it since. */
async function proveKept(target: Target, plan: RestorePlan, runId: string, work: Work): Promise<Proved> {
  const { name = '', at = '' } = plan.source?.kind === 'kept' ? plan.source : {};
  const session = { applicationName: sessionName(target.name, 'undo', runId), signal: work.signal };
  const counted = await withKept(target.url(), name, session, () =>
    withBoth(target, { runId, url: withDatabase(target.url(), name) }, work.signal, (live, copy) =>
      countLost(target, plan, { id: runId, live, copy }, work),
    ),
  );
  return {
    note: `${name} is as it was put aside at ${at}; ${lostNote(counted)}`,
    changes: afterCounting(target, plan, counted),
  };
}

const lostNote = ({ lost, index }: Counted): string =>
  lostLines(index).length ? `would lose ${totalText(lost)}` : 'nothing would be lost';

/** What counting by rows has shown replaces what counting tables and counters did; within a run risk only rises. */
function afterCounting(target: Target, plan: RestorePlan, { lost, index }: Counted): Partial<RestoreContent> {
  const losses = [
    ...lostLines(index),
    ...plan.losses.filter((line) => line.startsWith('large objects:') || line.startsWith('pg_catalog.')),
  ];
  const rises = losses.length > 0 || plan.untilClosed || plan.risk === 'very-high';
  return { losses, lost, ...judged(target, rises) };
}

/** @returns SHA-256, hexadecimal */
export const manifestHash = async ({ manifest }: Backup): Promise<string> =>
  createHash('sha256')
    .update(await readFile(manifest))
    .digest('hex');

/** @throws Problem `backup-damaged` when the manifest is not that of the plan */
export async function unchanged({ backup, manifestSha256 }: RestorePlan): Promise<Backup> {
  if (!backup) throw new Error('the plan has no backup');
  if ((await manifestHash(backup)) === manifestSha256) return backup;
  throw backupDamaged(
    backup.path,
    `its manifest ${backup.manifest} is not what it was when the plan was made`,
  );
}

/** The copy of this run, compared; asked again it is the same one. */
export async function copyFor(
  target: Target,
  plan: RestorePlan,
  runId: string,
  work: Work,
): Promise<Restored> {
  const { source } = plan;
  if (source?.kind === 'file') {
    const options = await restoreOptions(target, plan, { runId, backup: null }, work, 'restore');
    return restorePlain({ url: target.url() }, source, options);
  }
  const backup = await unchanged(plan);
  const options = await restoreOptions(target, plan, { runId, backup }, work, 'restore');
  return restoreBeside({ url: target.url() }, backup, options);
}
