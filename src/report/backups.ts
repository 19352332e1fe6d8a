import { isProven, type BackupManifest, type Proof } from '../domain/backup.js';
import { bytes, duration, minuteOf } from '../domain/units.js';

/** A backup as lists have it. */
export interface BackupLine {
  manifest: BackupManifest;
  path: string;
  /** ISO 8601, UTC; null: it was never restored to try it. */
  provedAt: string | null;
  /** Each time that it was tried, the oldest first. */
  proofs: readonly Proof[];
}

/** The backups that there are, a line each. @param now - milliseconds since 1970 */
export function backupsText(target: string, backups: readonly BackupLine[], now: number): string {
  if (!backups.length) return `There is no backup of ${target}. Take one: lockkeeper backup ${target}`;
  const rows = backups.map(({ manifest, provedAt, proofs }) => [
    manifest.id,
    `${duration(Math.max(0, now - Date.parse(manifest.startedAt)))} ago`,
    bytes(manifest.bytes),
    manifest.revisions.join(', ') || 'base',
    manifest.release ?? '-',
    proofText(provedAt, proofs),
  ]);
  const all = [['backup', 'taken', 'size', 'revisions', 'release', ''], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** How far it is proved, since when, and how long a restore took. */
function proofText(provedAt: string | null, proofs: readonly Proof[]): string {
  const last = proofs.at(-1);
  if (last?.failed !== undefined && !provedAt) return `NO GOOD ${minuteOf(last.at)}: ${last.failed}`;
  if (!provedAt) return last ? `not proved, ${last.level} ${minuteOf(last.at)}` : 'not proved';
  const { level = 'L3', restoreMs } = proofs.findLast(isProven) ?? {};
  const took = restoreMs === undefined ? '' : `, restored in ${duration(restoreMs)}`;
  const checks = last?.failed === undefined ? '' : `; ${last.failed}`;
  return `proved ${minuteOf(provedAt)} (${level}${took})${checks}`;
}

/** The same for machines. */
export const backupsJson = (target: string, backups: readonly BackupLine[]) => ({
  schemaVersion: 1,
  target,
  backups: backups.map(({ manifest, path, provedAt, proofs }) => ({
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
  })),
});
