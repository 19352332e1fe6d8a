import { readFlag } from '../adapters/closure/flag.js';
import type { BackupManifest } from '../domain/backup.js';
import { gateSettingsFor } from '../domain/gate-settings.js';
import { Problem } from '../domain/problem.js';
import { backupOfAnother } from '../domain/problems/restore.js';
import { backupOfNewerServer, writtenMeanwhile } from '../domain/problems/restore-run.js';
import {
  sourceText,
  type RestoreContent,
  type RestorePlan,
  type RestoreSite,
  type RestoreSummary,
} from '../domain/restore.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { restorePlan, summariseRestore } from '../plan/restore.js';
import { closureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import { runningRelease } from './fetch-release.js';
import type { Home, Target } from './home.js';
import { keepPlan } from './plans.js';
import { keptName } from './restore-options.js';
import { lossesOf } from './restore-losses.js';
import { refuseBeforehand } from './restore-preflight.js';
import { manifestHash } from './restore-prove.js';
import { type Source, sourceOf, type Wanted } from './restore-source.js';
import { standingOf } from './standing.js';
import { isStopped } from './stopped.js';
import type { Work } from './work.js';

export interface CheckRestoreInput extends RunInput, Wanted {
  untilClosed: boolean;
  /** Only these tables, into the live database. */
  only?: readonly string[];
}

/**
 * Finds what is to be put back, and what that would do and lose: as far as counting tells, before it is restored
 * beside. A backup's archive is hashed again. Where another release belongs to it, that is brought here by the
 * target's `release.fetch`.
 *
 * @throws Problem of `sourceOf` and `refuseBeforehand`; `backup-of-another-database`, `backup-of-newer-server`,
 *   `written-meanwhile`, `command-failed`
 */
export async function checkRestore(
  home: Home,
  input: CheckRestoreInput,
  work: Work,
): Promise<RestoreSummary & Noted> {
  const target = home.target(input.target);
  const source = await sourceOf(target, input, input.runId, work);
  const { plan, hints } = await planOf(target, input, source, work);
  if (plan.deploys && plan.release !== plan.running) await fetchTaken(target, plan, input.runId, work);
  await keepPlan(target.config.state, plan);
  const { losses, taken, backup } = plan;
  const note = [
    `${backup ? `backup ${backup.id} of ${backup.startedAt}` : sourceText(plan)}`,
    losses.length ? `would lose ${losses.slice(0, 3).join(', ')}` : 'no loss is known yet',
    taken === null ? 'release not known' : `release ${taken}`,
    ...hints,
  ];
  return { ...summariseRestore(plan, null), note: note.join('; ') + (source.alarms ?? '') };
}

async function planOf(
  target: Target,
  input: CheckRestoreInput,
  source: Source,
  work: Work,
): Promise<{ plan: RestorePlan; hints: string[] }> {
  const { manifest, backup, versionTable, restored } = source;
  const { untilClosed, only } = input;
  const { identity, lines: _, ...standing } = await standingOf(target, versionTable, work.signal);
  if (manifest && backup) refuseOther(identity, manifest, backup.path);
  const hints = await refuseBeforehand(target, source, input, work);
  const { losses, moved, counters } = await lossesOf(target, manifest, { ...input, versionTable }, work);
  if (moved.length && !untilClosed && !only) throw writtenMeanwhile(target.name, moved);
  const as = { revisions: standing.revisions, fingerprint: standing.fingerprint };
  const content: RestoreContent = {
    ...{ formatVersion: 1, kind: 'restore', target: target.name },
    ...(await releases(target, input, source, work)),
    ...{ from: as.revisions, to: only ? as.revisions : restored.revisions, versionTable, standing },
    restored: only ? as : restored,
    ...judged(target, losses.length > 0 || untilClosed),
    ...{ backup, ...(source.source ? { source: source.source } : {}), ...(only ? { only } : {}) },
    manifestSha256: backup ? await manifestHash(backup) : '',
    ...names(target, source, identity, input.runId),
    ...{ site: only ? 'not closed' : await siteOf(target), counters, untilClosed },
    losses: only ? [] : losses,
  };
  return { plan: restorePlan(content), hints };
}

function names(target: Target, { source }: Source, now: { database: string; oid: number }, runId: string) {
  const at = new Date().toISOString();
  return {
    database: { name: now.database, oid: now.oid },
    keepAs: keptName(now.database, at, runId, source?.kind === 'kept'),
    keptDays: target.settings.backup.keepReplacedDays,
  };
}

/** How dangerous it is, and who must approve it. Restoring waits for no window: who needs it needs it now. */
export function judged(target: Target, loses: boolean): Pick<RestoreContent, 'risk' | 'gate'> {
  const risk = loses ? 'very-high' : 'high';
  const { approval, windows } = target.settings;
  return { risk, gate: { ...gateSettingsFor(risk, target.name, approval, windows), hasWindow: false } };
}

async function releases(target: Target, input: CheckRestoreInput, { taken }: Source, work: Work) {
  const running = await runningNow(target, input.runId, work);
  // In an emergency it was stopped: then it is started again, whichever it is.
  const wanted = taken ?? (isStopped(target) ? running : null);
  const isOther = wanted !== null && (wanted !== running || isStopped(target));
  const deploys = !input.only && isOther && target.settings.deploy !== undefined;
  return { release: deploys ? wanted : running, running, taken: input.only ? running : taken, deploys };
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

async function fetchTaken(target: Target, { release, running }: RestorePlan, runId: string, work: Work) {
  const { fetch, timeoutSeconds } = target.settings.release;
  const environment = { LOCKKEEPER_RELEASE: release ?? '', LOCKKEEPER_RUNNING_RELEASE: running ?? '' };
  await runCommands(fetch, { target, runId, step: 'fetch release', environment, timeoutSeconds }, work);
}
