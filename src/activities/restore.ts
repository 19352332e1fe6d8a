import { manifestOfBackup } from '../adapters/backup/files.js';
import { dropCopy, restoreBeside } from '../adapters/backup/restore-beside.js';
import { describeNow } from '../adapters/backup/restore-compare.js';
import { type Client, withClient } from '../adapters/postgres/client.js';
import { lossesSince } from '../adapters/postgres/compare-contents.js';
import { databases, onServer } from '../adapters/postgres/databases.js';
import { fingerprintDifference } from '../adapters/postgres/fingerprint.js';
import { identity, type Identity } from '../adapters/postgres/identity.js';
import { finishSwap, swapDatabases } from '../adapters/postgres/swap.js';
import type { Backup, BackupManifest } from '../domain/backup.js';
import type { Plan } from '../domain/plan.js';
import { notAsBefore } from '../domain/problems/migration.js';
import { backupOfAnother } from '../domain/problems/restore.js';
import type { StepInput, Undone } from '../domain/steps.js';
import { snapshot } from './back-up-closed.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import type { Home, Target } from './home.js';
import { readPlan, readSchema } from './plans.js';
import { otherThanKnown } from './restore-known.js';
import { keptName, restoreOptions } from './restore-options.js';
import { sameRevisions, sessionName, standingOf } from './standing.js';
import type { Work } from './work.js';

export interface RestoreInput extends StepInput {
  backup: Backup;
  /** Nobody has written since the backup's snapshot, and that was proved: then nothing is counted. */
  writersStopped?: boolean;
}

/** All that the parts of a restore need. */
interface Restore {
  target: Target;
  plan: Plan;
  manifest: BackupManifest;
  input: RestoreInput;
  work: Work;
  session: { applicationName: string; signal: AbortSignal };
  /** What a person must hear of. */
  alarms: string[];
}

/**
 * Puts the database back as it was when the backup was taken: restores beside, compares, swaps names. The last
 * resort of an undo. The database as it is now is kept, closed, under another name, so that even what a restore
 * takes away is there. Safe to repeat, and to be killed at any instant.
 *
 * @returns `left` with what was written where since, when that would be lost; then nothing is changed
 * @throws Problem of `restoreBeside` and `swapDatabases`; `backup-of-another-database`, `not-as-before`
 */
export async function restore(home: Home, input: RestoreInput, work: Work): Promise<Undone> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const manifest = await manifestOfBackup(input.backup);
  const session = {
    applicationName: sessionName(target.name, 'restore', input.runId),
    signal: work.signal,
  };
  const all: Restore = { target, plan, manifest, input, work, session, alarms: [] };
  await finishSwap(target.url(), session);
  const left = (await isSwapped(all)) ? [] : await replace(all);
  if (left.length) return { left: left.join('; ') };
  return confirm(all);
}

/** @returns what would be lost; nothing when the database was replaced */
async function replace(all: Restore): Promise<string[]> {
  const { target, manifest, input, session } = all;
  const url = target.url();
  await withClient(url, session, async (client) =>
    refuseOther(await identity(client), manifest, input.backup.path),
  );
  // Asked now, because restoring may take long, and again when nobody can write any more.
  const early = input.writersStopped ? [] : await withClient(url, session, (client) => losses(client, all));
  if (early.length) return early;
  const { kind } = input.backup;
  if (kind === 'command') {
    await snapshot('back', target, input.runId, all.work);
    return [];
  }
  const restored = kind === 'template' ? input.backup.path : await restoredCopy(all);
  const swapped = await swapDatabases({
    ...session,
    url,
    restored,
    keepAs: keptNameOf(all),
    onProgress: all.work.progress,
    ...(input.writersStopped ? {} : { wouldLose: (inside: Client) => losses(inside, all) }),
  });
  if ('kept' in swapped) return [];
  await dropCopy(url, restored, session.applicationName);
  return swapped.lost;
}

async function restoredCopy({ target, plan, input, work, alarms }: Restore): Promise<string> {
  const options = await restoreOptions(target, plan, input, work, 'restore');
  const holder = { by: input.runId, why: 'a restore' };
  const used = await usingBackup(target, input.backup, holder, work, () =>
    restoreBeside({ url: target.url() }, input.backup, options),
  );
  alarms.push(...used.alarms);
  return used.result.name;
}

async function losses(client: Client, { target, plan, manifest, session }: Restore): Promise<string[]> {
  const { versionTable } = plan;
  const options = { versionTable, ignore: target.settings.ignore, signal: session.signal };
  const now = await describeNow(client, options);
  const name = versionTable.schema ? `${versionTable.schema}.${versionTable.name}` : versionTable.name;
  return lossesSince(manifest.contents, now.contents, name);
}

function refuseOther(now: Identity, { database }: BackupManifest, path: string): void {
  if (now.oid === database.oid && (database.systemId === null || now.systemId === database.systemId)) return;
  throw backupOfAnother(
    path,
    `the database ${database.name} with oid ${database.oid}`,
    `${now.database}, which has oid ${now.oid}`,
  );
}

/** Whether an earlier attempt of this run has done it: then the database that was backed up is put aside. */
const isSwapped = ({ target, manifest, session, ...all }: Restore): Promise<boolean> =>
  onServer(target.url(), session, async (server) => {
    const kept = (await databases(server)).find(({ oid }) => oid === manifest.database.oid);
    return kept?.marker?.state === 'kept' && kept.name === keptNameOf({ manifest, ...all });
  });

const keptNameOf = ({ manifest, input }: Pick<Restore, 'manifest' | 'input'>): string =>
  keptName(manifest.database.name, manifest.startedAt, input.runId);

/** Undone means: revisions and schema are those of the backup, but for what the settings know. */
async function confirm({ target, plan, manifest, input, work, session, alarms }: Restore): Promise<Undone> {
  const now = await standingOf(target, plan.versionTable, work.signal);
  const isOther = now.fingerprint !== manifest.fingerprint;
  const other =
    isOther && !input.backup.kind ? await otherThanKnown(target, input.backup, session) : undefined;
  if ((isOther && other?.length !== 0) || !sameRevisions(now.revisions, manifest.revisions)) {
    const before = await readSchema(target.config.state, manifest.fingerprint);
    const { missing, added } = fingerprintDifference({ lines: before }, now);
    throw notAsBefore(missing, added);
  }
  if (input.backup.kind === 'command')
    return { note: `put back by closure.snapshot, as of ${manifest.startedAt}` };
  const kept = keptNameOf({ manifest, input });
  return {
    note: `restored as of ${manifest.startedAt}; the database of before the restore is kept as ${kept}${alarmsIn({ alarms })}`,
  };
}
