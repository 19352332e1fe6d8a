import type { BackupContents, BackupManifest } from '../../domain/backup.js';

type Counted = Pick<BackupManifest, 'contents' | 'revisions'>;

/**
 * How a restored copy differs from the manifest of its backup, in words; none when it does not. Rows must be
 * the same to the row. Sequences are outside of every snapshot: they may be ahead, never behind.
 */
export function differencesFrom(manifest: Counted, copy: Counted): string[] {
  const [wanted, found] = [manifest.contents, copy.contents];
  return [
    ...rowDifferences(wanted.tables, found.tables, ['in the backup', 'in the copy']),
    ...Object.entries(wanted.sequences).flatMap(([name, value]) =>
      behind(name, value, found.sequences[name]),
    ),
    ...other('large objects', wanted.largeObjects, found.largeObjects),
    ...[...new Set([...Object.keys(wanted.extensions), ...Object.keys(found.extensions)])].flatMap((name) =>
      other(`extension ${name}`, wanted.extensions[name] ?? 'none', found.extensions[name] ?? 'none'),
    ),
    ...other('revisions', listed(manifest.revisions), listed(copy.revisions)),
  ];
}

const listed = (revisions: readonly string[]): string => revisions.toSorted().join(', ') || 'none';

const other = (what: string, wanted: string | number, found: string | number): string[] =>
  wanted === found ? [] : [`${what}: ${wanted} in the backup, ${found} in the copy`];

function behind(name: string, wanted: string, found: string | undefined): string[] {
  if (found !== undefined && BigInt(found) >= BigInt(wanted)) return [];
  return [`sequence ${name}: ${wanted} in the backup, ${found ?? 'never used'} in the copy`];
}

type Rows = BackupContents['tables'];

/** Tables with other numbers of rows, or that only one of both has. @param a - which is which, in words */
export function rowDifferences(before: Rows, after: Rows, [a, b]: readonly [string, string]): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${rowsOf(before[name])} ${a}, ${rowsOf(after[name])} ${b}`);
}

const rowsOf = (rows: number | undefined): string =>
  rows === undefined ? 'no such table' : `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`;

const grouped = (n: number): string => n.toLocaleString('en-US');

/**
 * What going back to a backup would lose, as far as counting can see: tables that have more rows than it,
 * tables that it does not know, sequences that have moved. Rows that were changed in place, or as many of them
 * deleted as added, it does not see.
 *
 * @param versionTable - `schema.name` or name of Alembic's table, whose rows do not count
 */
export function lossesSince(backup: BackupContents, now: BackupContents, versionTable: string): string[] {
  const counts = (name: string) => name !== versionTable && !name.endsWith(`.${versionTable}`);
  return [
    ...Object.entries(now.tables)
      .filter(([name, rows]) => counts(name) && rows > (backup.tables[name] ?? 0))
      .map(([name, rows]) => `${name}: ${rowsOf(rows)} now, ${rowsOf(backup.tables[name])} in the backup`),
    ...Object.entries(now.sequences)
      .filter(([name, value]) => backup.sequences[name] !== value)
      .map(
        ([name, value]) =>
          `sequence ${name}: ${value} now, ${backup.sequences[name] ?? 'unused'} in the backup`,
      ),
    ...(now.largeObjects > backup.largeObjects
      ? [`large objects: ${now.largeObjects} now, ${backup.largeObjects} in the backup`]
      : []),
  ];
}
