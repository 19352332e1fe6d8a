import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Restored, restoreBeside } from '../adapters/backup/restore-beside.js';
import type { Backup } from '../domain/backup.js';
import { backupDamaged } from '../domain/problems/restore.js';
import { writtenMeanwhile } from '../domain/problems/restore-run.js';
import type { RestorePlan, RestoreSummary } from '../domain/restore.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { bytes, duration } from '../domain/units.js';
import { summariseRestore } from '../plan/restore.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import type { Home, Target } from './home.js';
import { readRestorePlan } from './plans.js';
import { restoreOptions } from './restore-options.js';
import type { Work } from './work.js';
import { writersMoved } from './writers.js';

/**
 * Restores the backup into a database beside and compares it with its manifest, to the row, while the site is
 * still open. The copy stays for the swap.
 *
 * @returns the plan with what that showed; it is what people approve
 * @throws Problem of `restoreBeside`; `written-meanwhile`
 */
export async function proveBackup(home: Home, input: StepInput, work: Work): Promise<RestoreSummary & Noted> {
  const target = home.target(input.target);
  const plan = await readRestorePlan(target.config.state, input.planHash);
  const holder = { by: input.runId, why: 'a restore' };
  const used = await usingBackup(target, plan.backup, holder, work, () =>
    copyFor(target, plan, input.runId, work),
  );
  const { ms, bytes: size } = used.result;
  const { moved } = await writersMoved(home, { ...input, since: plan.counters }, work);
  if (moved.length && !plan.untilClosed) throw writtenMeanwhile(target.name, moved);
  const note = `restored beside in ${duration(ms)} (${bytes(size)}), equal to its manifest to the row${alarmsIn(used)}`;
  return { ...summariseRestore(plan, note), note };
}

/** @returns SHA-256, hexadecimal */
export const manifestHash = async ({ manifest }: Backup): Promise<string> =>
  createHash('sha256')
    .update(await readFile(manifest))
    .digest('hex');

/** The copy of this run, compared; asked again it is the same one. */
export async function copyFor(
  target: Target,
  plan: RestorePlan,
  runId: string,
  work: Work,
): Promise<Restored> {
  const { backup } = plan;
  if ((await manifestHash(backup)) !== plan.manifestSha256)
    throw backupDamaged(
      backup.path,
      `its manifest ${backup.manifest} is not what it was when the plan was made`,
    );
  const options = await restoreOptions(target, plan, { runId, backup }, work, 'restore');
  return restoreBeside({ url: target.url() }, backup, options);
}
