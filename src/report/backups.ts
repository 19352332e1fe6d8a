import type { BackupManifest } from '../domain/backup.js';
import { bytes, duration, minuteOf } from '../domain/units.js';

/** A backup as lists have it. */
export interface BackupLine {
  manifest: BackupManifest;
  path: string;
  /** ISO 8601, UTC; null: it was never restored to try it. */
  provedAt: string | null;
}

/** The backups that there are, a line each. @param now - milliseconds since 1970 */
export function backupsText(target: string, backups: readonly BackupLine[], now: number): string {
  if (!backups.length) return `There is no backup of ${target}. Take one: lockkeeper backup ${target}`;
  const rows = backups.map(({ manifest, provedAt }) => [
    manifest.id,
    `${duration(Math.max(0, now - Date.parse(manifest.startedAt)))} ago`,
    bytes(manifest.bytes),
    manifest.revisions.join(', ') || 'base',
    manifest.release ?? '-',
    provedAt ? `proved ${minuteOf(provedAt)}` : 'not proved',
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

/** The same for machines. */
export const backupsJson = (target: string, backups: readonly BackupLine[]) => ({
  schemaVersion: 1,
  target,
  backups: backups.map(({ manifest, path, provedAt }) => ({
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
  })),
});
