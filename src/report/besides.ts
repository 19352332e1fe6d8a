import type { LostIndex } from '../domain/lost.js';
import { bytes, count, minuteOf } from '../domain/units.js';

/** A database that a restore has left on purpose. */
interface Beside {
  name: string;
  bytes: number;
  at?: string;
  is?: 'kept' | 'point';
}

/** What lies beside the live database; in words why that cannot be told. Empty: nothing. */
export function besidesText(target: string, besides: readonly Beside[] | string): string {
  if (typeof besides === 'string') return `What lies beside the database cannot be told: ${besides}`;
  if (!besides.length) return '';
  return [
    'Databases beside:',
    ...besides.map(({ name, bytes: size, at, is }) => {
      const what = is === 'point' ? 'restored to look into' : 'replaced by a restore, closed';
      return `  ${name}  ${bytes(size)}  ${what}${at ? ` ${minuteOf(at)}` : ''}`;
    }),
    `Swap the newest replaced one back: lockkeeper restore ${target} --undo; drop one: --drop NAME`,
  ].join('\n');
}

const rowsOf = ({ tables }: Pick<LostIndex, 'tables'>): number =>
  tables.reduce((sum, { inserted, changed, deleted }) => sum + inserted + changed + deleted, 0);

/** Rows that restores have taken away. Empty: none. */
export function lostListText(target: string, lost: readonly LostIndex[]): string {
  const some = lost.filter((each) => rowsOf(each) > 0);
  if (!some.length) return '';
  return [
    'Rows that restores have taken away:',
    ...some.map(
      (each) => `  ${each.id}  ${minuteOf(each.at)}  ${rows(rowsOf(each))}, not in ${each.comparedWith}`,
    ),
    `Put them in again: lockkeeper restore apply ${target} --lost <id>`,
  ].join('\n');
}

const rows = (n: number): string => `${n.toLocaleString('en-US')} ${n === 1 ? 'row' : 'rows'}`;

interface Applied {
  rows: number;
  tables: number;
  already: number;
  conflicting: number;
  conflicts: readonly string[];
  left: readonly string[];
}

/** What putting rows in did, or would do. */
export function appliedText({ id }: LostIndex, applied: Applied, dryRun: boolean): string {
  const { tables, already, conflicting, conflicts, left } = applied;
  const shown = conflicts.slice(0, 20);
  return [
    `${dryRun ? 'Would put' : 'Put'} ${rows(applied.rows)} of ${id} into ${count(tables, 'table')}.`,
    ...(already ? [`${rows(already)} ${already === 1 ? 'is' : 'are'} there already.`] : []),
    ...(conflicting
      ? [
          `${rows(conflicting)} ${conflicting === 1 ? 'was' : 'were'} written by somebody else since, and ${dryRun ? 'stop it, unless --leave-conflicts is given' : 'left'}:`,
          ...shown.map((line) => `  ${line}`),
          ...(conflicting > shown.length ? [`  and ${conflicting - shown.length} more: --json`] : []),
        ]
      : []),
    ...(left.length ? ['There is no place here for:', ...left.map((line) => `  ${line}`)] : []),
  ].join('\n');
}
