import { bytes, count, minuteOf } from '../domain/units.js';
import type { BackedUpDatabase } from '../domain/backup.js';
import { ago, backupsJson, proofText, type BackupLine } from './backups.js';

/** All that is known of one backup. @param now - milliseconds since 1970 */
export function backupText(line: BackupLine, now: number): string {
  const { manifest, path, here } = line;
  const { database, contents } = manifest;
  const tables = Object.values(contents.tables);
  const rows = tables.reduce((sum, each) => sum + each, 0);
  const parts: (readonly [string, string])[] = [
    ['backup', manifest.id],
    ['taken', `${minuteOf(manifest.startedAt)} UTC, ${ago(manifest.startedAt, now)}`],
    [
      'of',
      `${database.name} (oid ${database.oid}) on PostgreSQL ${database.serverVersion}, system ${database.systemId ?? 'not known'}${logText(database)}`,
    ],
    ['release', manifest.release ?? 'not known'],
    ['revisions', manifest.revisions.join(', ') || 'base'],
    [
      'holds',
      `${count(rows, 'row')} in ${count(tables.length, 'table')}, ${count(Object.keys(contents.sequences).length, 'sequence')}, ${count(contents.largeObjects, 'large object')}`,
    ],
    [
      'extensions',
      listed(Object.entries(contents.extensions).map(([name, version]) => `${name} ${version}`)),
    ],
    ['archive', `${here ? '' : 'NOT HERE: '}${path}, ${bytes(manifest.bytes)}, sha256 ${manifest.sha256}`],
    ['written by', `pg_dump ${manifest.pgDumpVersion}, compressed by ${manifest.compression}`],
    ['proved', `${proofText(line.provedAt, line.proofs)}; when it was taken: ${manifest.level}`],
    ...copyLines(line),
    ['pinned', listed(line.pins.map(({ by, at, why }) => `by ${by} on ${minuteOf(at)}: ${why}`))],
    ['in use', listed(line.leases.map(({ by, why }) => `by ${by}: ${why}`))],
  ];
  const width = Math.max(...parts.map(([name]) => name.length));
  return parts.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

const logText = ({ timeline, standby }: BackedUpDatabase): string =>
  `${timeline ? `, timeline ${timeline}` : ''}${standby ? ', a standby' : ''}`;

const listed = (parts: readonly string[]): string => parts.join('; ') || 'none';

function copyLines({ copies, missing }: BackupLine): (readonly [string, string])[] {
  const made = copies.map(({ store, where, copiedAt, checkedAt, encryption }) => {
    const how = encryption
      ? `encrypted for ${encryption.recipients.join(', ')}${encryption.escrowAt ? `, decrypted with the escrowed key ${minuteOf(encryption.escrowAt)}` : ''}`
      : 'not encrypted';
    return `${store}: ${where}, copied ${minuteOf(copiedAt)}, read back ${minuteOf(checkedAt)}, ${how}`;
  });
  const lacking = missing.map(({ store, at, why }) => `${store}: NONE since ${minuteOf(at)}: ${why}`);
  const all = [...made, ...lacking];
  return all.length ? all.map((text, i) => [i ? '' : 'copies', text] as const) : [['copies', 'none']];
}

/** The same for machines, with the manifest. */
export const backupJson = (target: string, line: BackupLine) => ({
  schemaVersion: 1,
  target,
  ...backupsJson(target, [line]).backups[0],
  manifest: line.manifest,
  copies: line.copies,
});
