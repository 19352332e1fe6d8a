import { pin } from '../adapters/backup/holds.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { readFlag } from '../adapters/closure/flag.js';
import { usualVersionTable } from '../adapters/postgres/revisions.js';
import type { Backup, BackupManifest } from '../domain/backup.js';
import { gateSettingsFor } from '../domain/gate-settings.js';
import { Problem } from '../domain/problem.js';
import { backupOfAnother } from '../domain/problems/restore.js';
import { backupOfNewerServer, writtenMeanwhile } from '../domain/problems/restore-run.js';
import type { RestorePlan, RestoreSite, RestoreSummary } from '../domain/restore.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { restorePlan, summariseRestore } from '../plan/restore.js';
import { backupNamed } from './backups.js';
import { closureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import { runningRelease } from './fetch-release.js';
import type { Home, Target } from './home.js';
import { pinOf } from './pins.js';
import { keepPlan } from './plans.js';
import { keptName } from './restore-options.js';
import { lossesOf } from './restore-losses.js';
import { manifestHash } from './restore-prove.js';
import { standingOf } from './standing.js';
import type { Work } from './work.js';

export interface CheckRestoreInput extends RunInput {
  /** An id, its beginning, or `latest`. */
  backup: string;
  untilClosed: boolean;
}

/**
 * Finds the backup that is meant, and what putting the database back to it would do and lose. Its archive is
 * hashed again. Where another release belongs to it, that is brought here by the target's `release.fetch`.
 *
 * @throws Problem `no-backups`, `no-such-backup`, `backup-missing`, `backup-damaged`, `backup-lost`,
 *   `backup-of-another-database`, `backup-of-newer-server`, `written-meanwhile`, `command-failed`
 */
export async function checkRestore(
  home: Home,
  input: CheckRestoreInput,
  work: Work,
): Promise<RestoreSummary & Noted> {
  const target = home.target(input.target);
  const { backup } = await backupNamed(target, input.backup);
  const used = await usingBackup(target, backup, { by: input.runId, why: 'a restore' }, work, () =>
    trusted(backup, { signal: work.signal, onProgress: work.progress }),
  );
  const manifest = used.result;
  // Hours may pass until people have approved.
  await pin(backup, { ...pinOf(input.runId), why: 'a restore from it' });
  const plan = await planOf(target, { input, backup, manifest }, work);
  if (plan.deploys) await fetchTaken(target, plan, input.runId, work);
  await keepPlan(target.config.state, plan);
  const { losses, taken } = plan;
  const note = [
    `backup ${backup.id} of ${backup.startedAt}`,
    losses.length ? `would lose ${losses.slice(0, 3).join(', ')}` : 'nothing was written since',
    taken === null ? 'release not known' : `release ${taken}`,
  ];
  return { ...summariseRestore(plan, null), note: note.join('; ') + alarmsIn(used) };
}

interface Chosen {
  input: CheckRestoreInput;
  backup: Backup;
  manifest: BackupManifest;
}

async function planOf(target: Target, { input, backup, manifest }: Chosen, work: Work): Promise<RestorePlan> {
  const { name, settings } = target;
  const versionTable = manifest.versionTable ?? usualVersionTable;
  const { identity, lines: _, ...standing } = await standingOf(target, versionTable, work.signal);
  refuseOther(identity, manifest, backup.path);
  const site = await siteOf(target);
  const { losses, moved, counters } = await lossesOf(target, manifest, { ...input, versionTable }, work);
  const { untilClosed } = input;
  if (moved.length && !untilClosed) throw writtenMeanwhile(name, moved);
  const running = await runningNow(target, input.runId, work);
  const taken = manifest.release ?? null;
  const deploys = taken !== null && taken !== running && settings.deploy !== undefined;
  const risk = losses.length || untilClosed ? 'very-high' : 'high';
  return restorePlan({
    ...{ formatVersion: 1, kind: 'restore', target: name, release: deploys ? taken : running },
    ...{ running, taken, deploys },
    ...{ from: standing.revisions, to: manifest.revisions, versionTable, standing },
    restored: { revisions: manifest.revisions, fingerprint: manifest.fingerprint },
    risk,
    // Restoring does not wait for a window: whoever needs it needs it now.
    gate: { ...gateSettingsFor(risk, name, settings.approval, settings.windows), hasWindow: false },
    backup,
    manifestSha256: await manifestHash(backup),
    database: { name: identity.database, oid: identity.oid },
    keepAs: keptName(identity.database, new Date().toISOString(), input.runId),
    keptDays: settings.backup.keepReplacedDays,
    ...{ site, counters, untilClosed, losses },
  });
}

function refuseOther(
  now: { database: string; systemId: string | null; version: string; major: number },
  { database }: BackupManifest,
  path: string,
): void {
  const sameServer =
    database.systemId === null || now.systemId === null || now.systemId === database.systemId;
  if (now.database !== database.name || !sameServer)
    throw backupOfAnother(
      path,
      `the database ${database.name} of server ${database.systemId ?? 'unknown'}`,
      `${now.database} of server ${now.systemId ?? 'unknown'}`,
    );
  if (Number.parseInt(database.serverVersion, 10) > now.major)
    throw backupOfNewerServer(path, database.serverVersion, now.version);
}

async function siteOf(target: Target): Promise<RestoreSite> {
  if (!target.settings.closure) return 'not closed';
  const flag = await readFlag(closureSettings(target).flag);
  return flag.is === 'closure' && flag.closure.kind === 'hand' ? 'closed by hand' : 'closed by the run';
}

/** In an emergency the application may be down, and nobody says what ran. */
async function runningNow(target: Target, runId: string, work: Work): Promise<string | null> {
  return runningRelease(target, runId, work).catch((error: unknown) => {
    if (error instanceof Problem) return null;
    throw error;
  });
}

async function fetchTaken(target: Target, { taken, running }: RestorePlan, runId: string, work: Work) {
  const { fetch, timeoutSeconds } = target.settings.release;
  const environment = { LOCKKEEPER_RELEASE: taken ?? '', LOCKKEEPER_RUNNING_RELEASE: running ?? '' };
  await runCommands(fetch, { target, runId, step: 'fetch release', environment, timeoutSeconds }, work);
}
