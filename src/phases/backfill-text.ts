import { stringify } from 'yaml';
import { localOf } from '../domain/sql-name.js';
import type { Filling, Scaffold } from './draft.js';

/** A file of settings of one backfill, beside the revisions. */
export interface FillingFile {
  name: string;
  kind: 'backfill' | 'back';
  text: string;
}

/** One file a table: `orders-remark.backfill.yaml`; the way back has `.back.yaml`. */
export function fillingFiles(
  change: string,
  { fill, fillBack }: Pick<Scaffold, 'fill' | 'fillBack'>,
): FillingFile[] {
  return [
    ...fill.map((one, index) => fileOf(change, one, fill.length > 1 ? `-${index + 1}` : '', 'backfill')),
    ...fillBack.map((one, index) => fileOf(change, one, fillBack.length > 1 ? `-${index + 1}` : '', 'back')),
  ];
}

function fileOf(change: string, filling: Filling, number: string, kind: 'backfill' | 'back'): FillingFile {
  const name = `${change}${number}.${kind}.yaml`;
  const when =
    kind === 'backfill'
      ? `between expand and constrain`
      : `only when going back from contract: when the old column is there again, before the revision that fills it unthrottled is undone`;
  return {
    name,
    kind,
    text: `# lockkeeper: phase backfill of ${change}\n# ${localOf(filling.table)}, ${when}\n${stringify(filling, { lineWidth: 0 })}`,
  };
}
