import type { BackupManifest } from '../domain/backup.js';
import { bytes, count, minuteOf } from '../domain/units.js';
import { tableText } from './table.js';

export interface ExpiryLine {
  manifest: BackupManifest;
  /** Why it stays; empty: it goes. */
  reasons: readonly string[];
}

/** Which backups stay and why, and which go. @param done - they are gone */
export function expiryText(
  target: string,
  lines: readonly ExpiryLine[],
  notes: readonly string[],
  done: boolean,
): string {
  if (!lines.length) return `There is no backup of ${target}.`;
  const goes = lines.filter(({ reasons }) => !reasons.length);
  const freed = bytes(goes.reduce((sum, { manifest }) => sum + manifest.bytes, 0));
  const table = tableText([
    ['backup', 'taken', 'size', ''],
    ...lines.map(({ manifest, reasons }) => [
      manifest.id,
      minuteOf(manifest.startedAt),
      bytes(manifest.bytes),
      reasons.length ? `stays: ${reasons.join(', ')}` : done ? 'deleted' : 'goes',
    ]),
  ]);
  const ending = goes.length
    ? done
      ? `${count(goes.length, 'backup')} deleted, with their copies: ${freed}.`
      : `${count(goes.length, 'backup')}, ${freed}, can go; nothing was deleted. Do it: lockkeeper backup expire ${target} --yes`
    : 'All stay.';
  return [table, '', ...notes.map((note) => `NOTE ${note}`), ending].join('\n');
}

/** The same for machines. */
export const expiryJson = (
  target: string,
  lines: readonly ExpiryLine[],
  notes: readonly string[],
  done: boolean,
) => ({
  schemaVersion: 1,
  target,
  deleted: done,
  backups: lines.map(({ manifest, reasons }) => ({
    id: manifest.id,
    startedAt: manifest.startedAt,
    bytes: manifest.bytes,
    stays: reasons.length > 0,
    reasons,
  })),
  notes,
});
