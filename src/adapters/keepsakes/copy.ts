import { isDeepStrictEqual } from 'node:util';
import { runWord, type Keepsake, type PlannedKeepsake } from '../../domain/keepsake.js';
import { keepsakeMoved } from '../../domain/problems/keepsakes.js';
import { identifier } from '../../domain/sql-name.js';
import type { Client } from '../postgres/client.js';
import { keptType, keyColumns, valueColumns } from './columns.js';
import { keepableTables } from './keepable.js';
import { type LockOptions, refused, withTableLocked } from './lock.js';
import { movedTo, namesOf } from './names.js';
import { piecesOf, range, type Piece } from './pieces.js';
import { keepsakesIn, makeSchema, note, set, type NewKeepsake } from './registry.js';
import { capturing, following, noTriggers, triggers } from './watching.js';
import { inTransaction } from '../postgres/transaction.js';

export interface CopyOptions extends LockOptions {
  /** Blocks of a batch. */
  batch?: number;
  progress: (text: string) => void;
}

/**
 * Keeps what a plan takes from one table, but for what changes from now on: copies it in batches, each a transaction
 * of its own, while triggers write down what changes. Nobody waits for longer than an attempt. Of a table that is to
 * be moved there is nothing to copy.
 *
 * Probe: what is copied already stays. Act. Confirm: the keepsake is `copied`.
 *
 * @throws Problem `keepsake-moved`, `keepsake-locked`, `cannot-keep`
 */
export async function keep(
  client: Client,
  made: Omit<NewKeepsake, 'state'>,
  options: CopyOptions,
): Promise<void> {
  const { id, planned } = made;
  try {
    await makeSchema(client);
    const [there] = await keepsakesIn(client, { id });
    if (there && there.runId !== made.runId)
      throw keepsakeMoved(planned.table, `the keepsake ${id} is one of the run ${there.runId}`);
    if (there && there.state !== 'copying') return;
    if (planned.how === 'moved') return await expectMoved(client, made);
    if (!there) await begin(client, made, options);
    await copyBulk(client, id, planned, options);
  } catch (error) {
    throw refused(planned.table, error);
  }
}

/** The role that migrates must be able to put the table here: it owns the table. */
async function expectMoved(client: Client, made: Omit<NewKeepsake, 'state'>): Promise<void> {
  await assertAsPlanned(client, made.planned);
  const { rows } = await client.query<{ owner: string }>(
    'SELECT quote_ident(pg_get_userbyid(relowner)) AS owner FROM pg_class WHERE oid = $1::regclass',
    [made.planned.table],
  );
  await client.query(`GRANT USAGE, CREATE ON SCHEMA lockkeeper_keep TO ${rows[0]!.owner}`);
  await note(client, { ...made, state: 'copied' });
}

async function begin(client: Client, made: Omit<NewKeepsake, 'state'>, options: CopyOptions): Promise<void> {
  const { id, planned } = made;
  const names = namesOf(id, planned.table);
  await assertAsPlanned(client, planned);
  options.progress(`keepsake of ${planned.table}: waiting for a moment to watch it`);
  await withTableLocked(client, planned.table, options, async () => {
    const values = `${keyColumns(planned, 'k')}${valueColumns(planned)}`;
    await client.query(`
      CREATE TABLE ${names.bulk} (${values});
      CREATE TABLE ${names.late} (${values});
      CREATE TABLE ${names.log} (seq bigint GENERATED ALWAYS AS IDENTITY, op "char" NOT NULL, col int,
        ${keyColumns(planned, 'k')}, ${keyColumns(planned, 'n')});
      ${capturing(names, planned)};
      ${triggers(names, planned, true)}`);
    await note(client, { ...made, state: 'copying' });
  });
}

async function assertAsPlanned(client: Client, planned: PlannedKeepsake): Promise<void> {
  const [table] = await keepableTables(client, [planned.table]);
  if (!table) throw keepsakeMoved(planned.table, 'it is gone');
  if (planned.how === 'copied' && !isDeepStrictEqual(table.key, planned.key))
    throw keepsakeMoved(planned.table, 'its primary key is another one');
  const gone = planned.columns.find(
    ({ name, type }) => !table.columns.some((each) => each.name === name && each.type === type),
  );
  if (gone) throw keepsakeMoved(planned.table, `its column ${gone.name} is gone or of another type`);
}

interface Position {
  piece: number;
  block: string;
}

async function copyBulk(
  client: Client,
  id: string,
  planned: PlannedKeepsake,
  options: CopyOptions,
): Promise<void> {
  const { bulk } = namesOf(id, planned.table);
  // Of the time when the triggers were there: what came later is in the log.
  const pieces = await piecesOf(client, planned.table, options.batch);
  const { rows } = await client.query<Position>(
    'SELECT copied_piece AS piece, copied_blocks AS block FROM lockkeeper_keep.keepsake WHERE id = $1',
    [id],
  );
  const { piece: from, block: done } = rows[0]!;
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
          `UPDATE lockkeeper_keep.keepsake SET copied_piece = $2, copied_blocks = $3, rows = coalesce(rows, 0) + $4
           WHERE id = $1`,
          [id, isLast ? at + 1 : at, isLast ? 0 : block + piece.batch, rowCount],
        );
      });
    }
  }
  await set(client, id, { state: 'copied' });
}

/** How much of it is done, as far as blocks tell. */
function shareText(pieces: readonly Piece[], at: number, block: number): string {
  const all = pieces.reduce((sum, { blocks }) => sum + blocks, 0);
  const done = pieces.slice(0, at).reduce((sum, { blocks }) => sum + blocks, block);
  return `${all === 0 ? 100 : Math.round((100 * done) / all)} %`;
}

const selected = ({ key, columns }: PlannedKeepsake): string =>
  [...key, ...columns]
    .map((column) => `t.${identifier(column.name)}${column.builtIn ? '' : `::${keptType(column)}`}`)
    .join(', ');

const insertInto = (into: string, planned: PlannedKeepsake, from: string, where: string): string =>
  `INSERT INTO ${into} SELECT ${selected(planned)} FROM ONLY ${from} t WHERE ${where}`;

/**
 * The rest, while nobody writes: rows that changed since the bulk was copied. From here on the triggers write down
 * what happens to the rows whose values are kept. One transaction.
 *
 * @throws Problem `keepsake-locked`
 */
export async function keepRest(
  client: Client,
  { id, planned, state }: Keepsake,
  options: CopyOptions,
): Promise<void> {
  if (state !== 'copied') return;
  if (planned.how === 'moved') return set(client, id, { state: 'complete' });
  const names = namesOf(id, planned.table);
  const key = planned.key.map((_, at) => `k${at}`).join(', ');
  const same = planned.key.map(
    (column, at) => `t.${identifier(column.name)}${column.builtIn ? '' : '::text'} = l.k${at}`,
  );
  await withTableLocked(client, planned.table, options, async () => {
    await client.query('SET LOCAL lock_timeout = 0'); // nobody writes any more
    await client.query(`
      INSERT INTO ${names.late} SELECT ${selected(planned)}
        FROM (SELECT DISTINCT ${key} FROM ${names.log}) l JOIN ${planned.table} t ON ${same.join(' AND ')};
      ${noTriggers(names, planned.table)};
      ${following(id, names, planned)};
      ${triggers(names, planned, planned.rows)}`);
    await set(client, id, { state: 'complete' });
  });
}

/** Where the table lies that was moved. */
export const movedTable = ({ planned, runId }: Pick<Keepsake, 'planned' | 'runId'>): string =>
  movedTo(planned.instead?.statements ?? [], runWord(runId));
