import type { LostRows } from '../../domain/lost.js';
import type { Client } from '../postgres/client.js';
import type { Line } from './lines.js';
import { hashOf } from './statements.js';
import { texts } from './streams.js';
import { literal } from './tables.js';

/** How a row stands: as it will be; as it was when the files were written; or neither, somebody wrote it since. */
export type Standing = 'done' | 'to do' | 'conflict';

/** Looks at the rows of some statements as the database has them now. */
export async function standingsOf(
  client: Client,
  table: LostRows,
  lines: readonly Line[],
): Promise<Standing[]> {
  const now = table.key.length ? await byKey(client, table, lines) : await copiesNow(client, table, lines);
  return lines.map(({ note: { is, was, copies } }, i) => {
    const found = now[i] ?? null;
    if (copies) return judge(found ?? '0', String(copies.is), String(copies.was));
    return judge(found, is, was);
  });
}

const judge = (now: string | null, is: string | null, was: string | null): Standing =>
  now === is ? 'done' : now === was ? 'to do' : 'conflict';

const from = ({ name, partitioned }: LostRows): string => `${partitioned ? '' : 'ONLY '}${name} AS t`;

/** @returns the hash of each row; null: there is none */
async function byKey(client: Client, table: LostRows, lines: readonly Line[]): Promise<(string | null)[]> {
  const { key, columns } = table;
  const types = key.map((name) => columns.find((column) => column.name === name)!.type);
  const keys = lines.map(
    ({ note }, i) =>
      `(${i}, ${(note.key ?? []).map((value, k) => `${literal(value)}::${types[k]}`).join(', ')})`,
  );
  const on = key.map((name, k) => `t.${name} = k.c${k}`).join(' AND ');
  const rows = await texts(
    client,
    `SELECT k.i, ${hashOf(table)} FROM (VALUES ${keys.join(', ')})
       AS k(i, ${key.map((_, k) => `c${k}`).join(', ')}) JOIN ${from(table)} ON ${on}`,
  );
  const found = new Map(rows.map(([i, hash]) => [Number(i), hash!]));
  return lines.map((_, i) => found.get(i) ?? null);
}

/** @returns how many rows there are of each content */
async function copiesNow(
  client: Client,
  table: LostRows,
  lines: readonly Line[],
): Promise<(string | null)[]> {
  const hashes = lines.map(({ note }) => note.copies?.hash ?? '');
  const rows = await texts(
    client,
    `SELECT ${hashOf(table)}, count(*) FROM ${from(table)} WHERE ${hashOf(table)} = ANY ($1) GROUP BY 1`,
    [hashes],
  );
  const found = new Map(rows.map(([hash, n]) => [hash!, n!]));
  return hashes.map((hash) => found.get(hash) ?? null);
}
