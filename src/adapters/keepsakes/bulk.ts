import { KEEPSAKES, type PlannedKeepsake } from '../../domain/keepsake.js';
import { identifier, localOf } from '../../domain/sql-name.js';
import type { Client } from '../postgres/client.js';
import { inTransaction } from '../postgres/transaction.js';
import { keptType, keyNames, valueNames } from './columns.js';
import type { LockOptions } from './lock.js';
import { namesOf } from './names.js';
import { piecesOf, range, type Piece } from './pieces.js';
import { set } from './registry.js';

export interface CopyOptions extends LockOptions {
  /** Blocks of a batch. */
  batch?: number;
  /** A table of at most so many bytes is copied at once. */
  atOnce?: number;
  progress: (text: string) => void;
}

/** Two seconds of work at most. */
const AT_ONCE_BYTES = 128 * 2 ** 20;

interface Position {
  piece: number;
  block: string;
}

/** Copies what the table has, in batches, each a transaction with how far it is. */
export async function copyBulk(
  client: Client,
  id: string,
  planned: PlannedKeepsake,
  options: CopyOptions,
): Promise<void> {
  const { bulk } = namesOf(id, planned.table);
  // Of the time when the triggers were there: what came later is in the log.
  const pieces = await piecesOf(client, planned.table, options.batch);
  const { rows } = await client.query<Position>(
    `SELECT copied_piece AS piece, copied_blocks AS block FROM ${KEEPSAKES}.keepsake WHERE id = $1`,
    [id],
  );
  const { piece: from, block: done } = rows[0]!;
  const [first, ...more] = pieces;
  const isSmall = first && !more.length && first.bytes <= (options.atOnce ?? AT_ONCE_BYTES);
  if (isSmall && from === 0 && done === '0') {
    options.progress(`keepsake of ${planned.table}: copying it`);
    return copyAtOnce(client, id, planned, first);
  }
  for (const [at, piece] of pieces.entries()) {
    if (at < from) continue;
    const start = at === from ? Number(done) : 0;
    for (let block = start; block === start || block < piece.blocks; block += piece.batch) {
      options.signal.throwIfAborted();
      options.progress(`keepsake of ${planned.table}: ${shareText(pieces, at, block)} copied`);
      await inTransaction(client, async () => {
        const { rowCount } = await client.query(insertInto(bulk, planned, piece.name, range(piece, block)));
        const isLast = block + piece.batch >= piece.blocks;
        await client.query(
          `UPDATE ${KEEPSAKES}.keepsake SET copied_piece = $2, copied_blocks = $3, rows = coalesce(rows, 0) + $4
           WHERE id = $1`,
          [id, isLast ? at + 1 : at, isLast ? 0 : block + piece.batch, rowCount],
        );
      });
    }
  }
  await set(client, id, { state: 'copied' });
}

/**
 * CREATE TABLE AS extends its file in bulk, which INSERT does not: it takes four fifths of the time. TRUNCATE of the
 * table waits until this is over, and finds the new one under the old name.
 */
async function copyAtOnce(
  client: Client,
  id: string,
  planned: PlannedKeepsake,
  { name }: Piece,
): Promise<void> {
  const { bulk, fresh } = namesOf(id, planned.table);
  await inTransaction(client, async () => {
    const { rowCount } = await client.query(
      `CREATE TABLE ${fresh} (${[keyNames(planned), ...valueNames(planned)].join(', ')}) AS SELECT ${selected(planned)} FROM ONLY ${name} t`,
    );
    await client.query(`DROP TABLE ${bulk}; ALTER TABLE ${fresh} RENAME TO ${localOf(bulk)}`);
    await set(client, id, { state: 'copied', rows: rowCount });
  });
}

/** How much of it is done, as far as blocks tell. */
function shareText(pieces: readonly Piece[], at: number, block: number): string {
  const all = pieces.reduce((sum, { blocks }) => sum + blocks, 0);
  const done = pieces.slice(0, at).reduce((sum, { blocks }) => sum + blocks, block);
  return `${all === 0 ? 100 : Math.round((100 * done) / all)} %`;
}

/** Key and values of a row `t`, as they are kept. */
export const selected = ({ key, columns }: PlannedKeepsake): string =>
  [...key, ...columns]
    .map((column) => `t.${identifier(column.name)}${column.builtIn ? '' : `::${keptType(column)}`}`)
    .join(', ');

const insertInto = (into: string, planned: PlannedKeepsake, from: string, where: string): string =>
  `INSERT INTO ${into} SELECT ${selected(planned)} FROM ONLY ${from} t WHERE ${where}`;
