import type { LostRows } from '../../domain/lost.js';
import { literal } from './tables.js';

/** What stands behind each statement, as a comment: how to find the row, and what it was made of. */
export interface RowNote {
  op: 'insert' | 'change' | 'delete' | 'add' | 'remove';
  /** Values of the key, as text; of a table without a key there is none. */
  key?: readonly string[];
  /** Hash of the row in the live database, and in what it was compared with; null: no such row. */
  is: string | null;
  was: string | null;
  /** Of a table without a key: how many equal rows there are, and were, and their hash. */
  copies?: { hash: string; is: number; was: number };
  /** Values of columns that what it was compared with does not have. */
  also?: Readonly<Record<string, string>>;
}

type Shape = Pick<LostRows, 'name' | 'key' | 'columns' | 'partitioned'>;

/** One line: a statement that can be run again, and its note. */
const line = (statement: string, note: RowNote): string => `${statement}; -- ${JSON.stringify(note)}\n`;

/** Reads one line back. @returns null where it is a comment */
export function parsed(text: string): { statement: string; note: RowNote } | null {
  const at = text.lastIndexOf('; -- {"');
  if (at < 0) return null;
  return { statement: text.slice(0, at), note: JSON.parse(text.slice(at + 5)) as RowNote };
}

const names = (columns: readonly { name: string }[]): string => columns.map(({ name }) => name).join(', ');

/** For a table with a key: what it holds now, whatever it held. */
export function upsert(shape: Shape, values: readonly (string | null)[], note: RowNote): string {
  const { name, key, columns } = shape;
  const set = columns.filter(
    ({ name: column, identity, loose }) => (loose || !key.includes(column)) && identity !== 'a',
  );
  const always = columns.some(({ identity }) => identity === 'a') ? ' OVERRIDING SYSTEM VALUE' : '';
  const then = set.length
    ? `UPDATE SET ${set.map((column) => `${column.name} = EXCLUDED.${column.name}`).join(', ')}`
    : 'NOTHING';
  return line(
    `INSERT INTO ${name} (${names(columns)})${always} VALUES (${values.map(literal).join(', ')}) ` +
      `ON CONFLICT (${key.join(', ')}) DO ${then}`,
    note,
  );
}

export const removal = (shape: Shape, note: RowNote & { key: readonly string[] }): string =>
  line(`DELETE FROM ${shape.partitioned ? '' : 'ONLY '}${shape.name} WHERE ${byKey(shape, note.key)}`, note);

/** The row of a key. */
export const byKey = ({ key, columns }: Shape, values: readonly string[]): string =>
  key
    .map((name, i) => {
      const { type } = columns.find((column) => column.name === name)!;
      return `${name} = ${literal(values[i]!)}::${type}`;
    })
    .join(' AND ');

/** For a table without a key: so many rows more of this content. */
export function addition(shape: Shape, values: readonly (string | null)[], note: RowNote): string {
  const { name, columns } = shape;
  const { is, was } = note.copies!;
  const cast = values.map((value, i) => `${literal(value)}::${columns[i]!.type}`);
  const always = columns.some(({ identity }) => identity === 'a') ? ' OVERRIDING SYSTEM VALUE' : '';
  const into = columns.length ? ` (${names(columns)})${always}` : '';
  return line(
    `INSERT INTO ${name}${into} SELECT ${cast.join(', ')} FROM generate_series(1, ${is - was})`,
    note,
  );
}

/** So many rows fewer. */
export function subtraction(shape: Shape, note: RowNote): string {
  const { hash, is, was } = note.copies!;
  const from = `${shape.partitioned ? '' : 'ONLY '}${shape.name} AS t`;
  return line(
    `DELETE FROM ${from} WHERE (t.tableoid, t.ctid) IN (SELECT t.tableoid, t.ctid FROM ${from} ` +
      `WHERE ${hashOf(shape)} = '${hash}' LIMIT ${was - is})`,
    note,
  );
}

/** Hash of a row `t`, as the notes have it. */
export const hashOf = ({ columns }: Pick<Shape, 'columns'>): string =>
  `md5(ROW(${columns.map(({ name }) => `t.${name}`).join(', ')})::text)`;
