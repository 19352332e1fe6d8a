import { pin } from '../adapters/backup/holds.js';
import { trusted } from '../adapters/backup/restore-archive.js';
import { isCopyName } from '../adapters/backup/restore-copies.js';
import { plainFile } from '../adapters/backup/plain-file.js';
import { databases, onServer } from '../adapters/postgres/databases.js';
import { connectionOf } from '../adapters/postgres/connection.js';
import { withKept } from '../adapters/postgres/kept.js';
import { usualVersionTable } from '../adapters/postgres/revisions.js';
import type { Backup, BackupManifest } from '../domain/backup.js';
import type { Standing, VersionTable } from '../domain/plan.js';
import { nothingToUndo } from '../domain/problems/restore-run.js';
import { planOf } from '../domain/record.js';
import type { RestoreSource } from '../domain/restore.js';
import { backupNamed } from './backups.js';
import { alarmsIn, usingBackup } from './fetch-back.js';
import type { Target } from './home.js';
import { pinOf } from './pins.js';
import { readRestorePlan } from './plans.js';
import { recordsOf } from './records.js';
import { ownerOf } from './restore-options.js';
import { sessionName, standingHere } from './standing.js';
import type { Work } from './work.js';

/** What a person asks to be put back. */
export interface Wanted {
  /** An id, its beginning, or `latest`. */
  backup?: string;
  /** The database that the last swap has put aside. */
  undo?: boolean;
  /** A plain SQL file on this host. */
  file?: string;
}

/** What will take the place of the live database, and what is known of it. */
export interface Source {
  backup: Backup | null;
  manifest: BackupManifest | null;
  source?: RestoreSource;
  versionTable: VersionTable;
  restored: Standing;
  /** The release that belongs to it; null: not known. */
  taken: string | null;
  /** What was seen of the backup, in words that go behind others. */
  alarms?: string;
}

/**
 * @throws Problem `no-backups`, `no-such-backup`, `backup-missing`, `backup-damaged`, `nothing-to-undo`,
 *   `file-unfit`
 */
export async function sourceOf(target: Target, wanted: Wanted, runId: string, work: Work): Promise<Source> {
  if (wanted.undo) return keptSource(target, runId, work);
  if (wanted.file !== undefined) return fileSource(wanted.file, work);
  const { backup } = await backupNamed(target, wanted.backup ?? 'latest');
  const used = await usingBackup(target, backup, { by: runId, why: 'a restore' }, work, () =>
    trusted(backup, { signal: work.signal, onProgress: work.progress }),
  );
  // Hours may pass until people have approved.
  await pin(backup, { ...pinOf(runId), why: 'a restore from it' });
  const manifest = used.result;
  return {
    alarms: alarmsIn(used),
    ...{ backup, manifest, versionTable: manifest.versionTable ?? usualVersionTable },
    restored: { revisions: manifest.revisions, fingerprint: manifest.fingerprint },
    taken: manifest.release ?? null,
  };
}

/** What it holds is known once it was restored. */
async function fileSource(path: string, work: Work): Promise<Source> {
  const source = await plainFile(path, { signal: work.signal, onProgress: work.progress });
  const restored = { revisions: [], fingerprint: '' };
  return { backup: null, manifest: null, source, versionTable: usualVersionTable, restored, taken: null };
}

/** The newest that was put aside. The release that ran on it is in the plan of the restore that did. */
async function keptSource(target: Target, runId: string, { signal }: Work): Promise<Source> {
  const url = target.url();
  const live = connectionOf(url).database;
  const session = { applicationName: sessionName(target.name, 'undo', runId), signal };
  const all = await onServer(url, session, databases);
  const newest = all
    .filter(({ name, marker }) => marker?.state === 'kept' && marker.of === live && !isCopyName(name))
    .sort((a, b) => (b.marker?.at ?? '').localeCompare(a.marker?.at ?? ''))[0];
  if (!newest) throw nothingToUndo(target.name);
  const by = ownerOf(newest.marker?.run ?? '')?.runId ?? '';
  const record = (await recordsOf(target.config.state, target.name)).find((each) => each.runId === by);
  const summary = record && planOf(record);
  const plan =
    summary && (await readRestorePlan(target.config.state, summary.planHash).catch(() => undefined));
  const versionTable = plan?.versionTable ?? usualVersionTable;
  const { revisions, fingerprint } = await withKept(url, newest.name, session, (client) =>
    standingHere(client, target, versionTable),
  );
  const { name, oid, marker } = newest;
  return {
    ...{ backup: null, manifest: null, versionTable, restored: { revisions, fingerprint } },
    source: { kind: 'kept', name, oid, at: marker?.at ?? '', runId: by },
    taken: plan?.running ?? null,
  };
}
