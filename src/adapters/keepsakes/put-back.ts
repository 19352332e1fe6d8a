import type { Keepsake } from '../../domain/keepsake.js';
import { noKeepsake } from '../../domain/problems/keepsakes.js';
import type { Client } from '../postgres/client.js';
import type { CopyOptions } from './bulk.js';
import { movedTable, namesOf } from './names.js';
import { piecesOf, range, type Piece } from './pieces.js';
import { insertRows, setSequences } from './put-rows.js';
import { updateValues } from './put-values.js';
import { set } from './registry.js';
import { tableNow, type TableNow, withoutTriggers } from './table-now.js';
import { readLog } from './touched.js';
import { refused } from './lock.js';
import { noTriggers } from './watching.js';
import { inTransaction } from '../postgres/transaction.js';
import { isThere } from '../postgres/is-there.js';

/** What came of it. */
export interface PutBack {
  table: string;
  /** Values or rows that were put back; of those that already were what they should be nothing is counted. */
  rows: number;
  /** Rows that refer to what is gone: those of a table were left out, values became NULL. */
  withoutParent: number;
}

/** One step: what is read in batches, and what is done with each. */
interface Step {
  from: string;
  write: (source: string, where: string) => string;
}

/**
 * Puts values and rows back after the downgrade, in batches, each a transaction of its own. Rows that were written to
 * since keep what was written, those that were deleted stay so, and own triggers of the table do not fire.
 *
 * Probe: what is back already is left. Act. Confirm: the keepsake is `put back`, and nothing watches the table any more.
 *
 * @throws Problem `no-keepsake`, `keepsake-moved`
 */
export async function putBack(client: Client, keepsake: Keepsake, options: CopyOptions): Promise<PutBack> {
  const { id, planned, state, broken } = keepsake;
  const came = { table: planned.table, rows: 0, withoutParent: 0 };
  if (state === 'put back') return came;
  if (state !== 'complete') throw noKeepsake(id, `it is ${state}`);
  if (broken !== undefined) throw noKeepsake(id, `what happened to the rows since is not known: ${broken}`);
  try {
    const now = await tableNow(client, planned);
    if (planned.how === 'copied') await readLog(client, keepsake);
    // A migration that was rolled back as a whole has moved nothing.
    const stayed = planned.how === 'moved' && !(await isThere(client, movedTable(keepsake)));
    const steps = stayed ? [] : stepsOf(keepsake, now);
    for (const [at, step] of steps.entries()) {
      const { rows, lost } = await doStep(client, keepsake, { step, at, now }, options);
      came.rows += rows;
      came.withoutParent += lost;
    }
    await inTransaction(client, async () => {
      if (planned.rows) await setSequences(client, planned.table, now);
      if (planned.how === 'copied') await client.query(noTriggers(namesOf(id, planned.table), planned.table));
      await set(client, id, { state: 'put back' });
    });
    return came;
  } catch (error) {
    throw refused(planned.table, error);
  }
}

function stepsOf(keepsake: Keepsake, now: TableNow): Step[] {
  const { id, planned } = keepsake;
  if (planned.how === 'moved') {
    const from = movedTable(keepsake);
    return [{ from, write: (source, where) => insertRows(planned, now, source, where) }];
  }
  const names = namesOf(id, planned.table);
  const tables = [
    { from: names.bulk, skip: 'l.dead OR l.again' },
    { from: names.late, skip: 'l.dead' },
  ];
  return tables.flatMap(({ from, skip }) => [
    ...(planned.rows
      ? [
          {
            from,
            write: (source: string, where: string) =>
              insertRows(planned, now, source, where, { touched: names.touched, skip }),
          },
        ]
      : []),
    {
      from,
      write: (source: string, where: string) =>
        updateValues(planned, now, source, where, { touched: names.touched, skip }),
    },
  ]);
}

interface Doing {
  step: Step;
  at: number;
  now: TableNow;
}

async function doStep(
  client: Client,
  { id, planned }: Keepsake,
  { step, at, now }: Doing,
  options: CopyOptions,
) {
  const came = { rows: 0, lost: 0 };
  const { rows } = await client.query<{ step: number; block: string }>(
    'SELECT back_step AS step, back_block AS block FROM lockkeeper_keep.keepsake WHERE id = $1',
    [id],
  );
  const position = rows[0]!;
  if (position.step > at) return came;
  const [piece] = await piecesOf(client, step.from, options.batch);
  // Rows that refer to each other come at once.
  const whole = now.references.some(({ ofItself }) => ofItself);
  const read: Piece = whole ? { ...piece!, batch: Math.max(1, piece!.blocks) } : piece!;
  const start = position.step === at ? Number(position.block) : 0;
  for (let block = start; block === start || block < read.blocks; block += read.batch) {
    options.signal.throwIfAborted();
    options.progress(
      `keepsake of ${planned.table}: ${Math.round((100 * block) / Math.max(1, read.blocks))} % is back`,
    );
    await inTransaction(client, async () => {
      const switchOn = await withoutTriggers(client, planned.table, now);
      const done = await client.query<{ n: string; lost: string }>(step.write(step.from, range(read, block)));
      await switchOn();
      came.rows += Number(done.rows[0]?.n ?? 0);
      came.lost += Number(done.rows[0]?.lost ?? 0);
      const isLast = block + read.batch >= read.blocks;
      await set(client, id, { back_step: isLast ? at + 1 : at, back_block: isLast ? 0 : block + read.batch });
    });
  }
  return came;
}
