import { isProven, type BackupManifest, type Proof } from '../domain/backup.js';
import type { BackupCopy, CopyRecord, Lease, MissingCopy, Pin } from '../domain/copies.js';
import { bytes, duration, minuteOf } from '../domain/units.js';
import { tableText } from './table.js';

/** A backup as lists have it. */
export interface BackupLine {
  manifest: BackupManifest;
  path: string;
  /** ISO 8601, UTC; null: it was never restored to try it. */
  provedAt: string | null;
  /** Each time that it was tried, the oldest first. */
  proofs: readonly Proof[];
  /** Whether its archive is in the folder of backups, and not in copies alone. */
  here: boolean;
  copies: readonly BackupCopy[];
  missing: readonly MissingCopy[];
  pins: readonly Pin[];
  leases: readonly Lease[];
}

/** The backups that there are, a line each. @param now - milliseconds since 1970 */
export function backupsText(target: string, backups: readonly BackupLine[], now: number): string {
  if (!backups.length) return `There is no backup of ${target}. Take one: lockkeeper backup ${target}`;
  const rows = backups.map((line) => [
    line.manifest.id,
    ago(line.manifest.startedAt, now),
    bytes(line.manifest.bytes),
    line.manifest.revisions.join(', ') || 'base',
    line.manifest.release ?? '-',
    [proofText(line.provedAt, line.proofs), ...marksOf(line)].join('; '),
  ]);
  return tableText([['backup', 'taken', 'size', 'revisions', 'release', ''], ...rows]);
}

/** How far it is proved, since when, and how long a restore took. */
export function proofText(provedAt: string | null, proofs: readonly Proof[]): string {
  const last = proofs.at(-1);
  if (last?.failed !== undefined && !provedAt) return `NO GOOD ${minuteOf(last.at)}: ${last.failed}`;
  if (!provedAt) return last ? `not proved, ${last.level} ${minuteOf(last.at)}` : 'not proved';
  const { level = 'L3', restoreMs } = proofs.findLast(isProven) ?? {};
  const took = restoreMs === undefined ? '' : `, restored in ${duration(restoreMs)}`;
  const checks = last?.failed === undefined ? '' : `; ${last.failed}`;
  return `proved ${minuteOf(provedAt)} (${level}${took})${checks}`;
}

export const ago = (at: string, now: number): string => `${duration(Math.max(0, now - Date.parse(at)))} ago`;

const marksOf = ({ here, copies, missing, pins, leases }: BackupLine): string[] => [
  ...(here ? [] : ['ONLY IN COPIES']),
  ...(copies.length ? [`copied to ${copies.map(({ store }) => store).join(', ')}`] : []),
  ...(missing.length ? [`NOT in ${missing.map(({ store }) => store).join(', ')}`] : []),
  ...(pins.length ? ['pinned'] : []),
  ...(leases.length ? ['in use'] : []),
];

/** The same for machines. */
export const backupsJson = (target: string, backups: readonly BackupLine[]) => ({
  schemaVersion: 1,
  target,
  backups: backups.map(({ manifest, path, provedAt, proofs, here, copies, missing, pins, leases }) => ({
    id: manifest.id,
    startedAt: manifest.startedAt,
    finishedAt: manifest.finishedAt,
    bytes: manifest.bytes,
    sha256: manifest.sha256,
    revisions: manifest.revisions,
    release: manifest.release ?? null,
    database: manifest.database,
    path,
    provedAt,
    proofs,
    here,
    copies: copies.map(({ store, where, copiedAt, checkedAt, encryption }) => ({
      store,
      where,
      copiedAt,
      checkedAt,
      encryption,
    })),
    missing,
    pins,
    leases,
  })),
});

/** A copy as its store has it. */
export interface StoredLine {
  store: string;
  where: string;
  record: CopyRecord;
}

/** What lies in the stores. @param notes - which did not answer, and why */
export function storedText(
  target: string,
  copies: readonly StoredLine[],
  notes: readonly string[],
  now: number,
): string {
  const rows = copies.map(({ store, where, record }) => [
    record.backup,
    ago(record.startedAt, now),
    bytes(record.files.reduce((sum, { storedBytes }) => sum + storedBytes, 0)),
    store,
    where,
    record.encryption ? 'encrypted' : '',
  ]);
  return [
    ...(rows.length
      ? [tableText([['backup', 'taken', 'size', 'store', 'where', ''], ...rows])]
      : [`There is no copy of a backup of ${target}.`]),
    ...notes.map((note) => `NOTE ${note}`),
  ].join('\n');
}

export const storedJson = (target: string, copies: readonly StoredLine[], notes: readonly string[]) => ({
  schemaVersion: 1,
  target,
  copies: copies.map(({ store, where, record }) => ({ store, where, ...record })),
  notes,
});
