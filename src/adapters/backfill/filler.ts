import { setTimeout as sleep } from 'node:timers/promises';
import {
  afterDone,
  afterFailed,
  afterTooLong,
  nextRows,
  type BatchSize,
} from '../../domain/backfill/batch-size.js';
import { mostRows } from '../../domain/backfill/pace.js';
import { backfillRefused, backfillTableGone, tooManyParked } from '../../domain/problems/backfill.js';
import type { Client } from '../postgres/client.js';
import { changeRows, compareRows, keepParked, passOver, tryParked, type Batch } from './batch.js';
import { enter, readJournal, type Journal } from './journal.js';
import { parkedKeys, parkedRows } from './parked.js';
import { isOfLocks } from './refusals.js';
import { fittingTable } from './fits.js';
import { backfillSql, keyIn, type BackfillSql } from './sql.js';
import type { KeyedTable } from './table.js';

/** What one turn came to: rows that were done, or why none were. */
export interface Turn {
  rows: number;
  ms: number;
  /** Others have what it needs: it tries again after a moment. */
  waits: string | null;
  over: boolean;
}

/** A condition that still finds rows is followed so often; more would be a race with whoever makes them. */
const MOST_PASSES = 5;
/** One row that somebody holds for so many tries is parked, and tried again at the end. */
const MOST_WAITS = 50;
const AGAIN_MS = 100;
/** A statement that takes longer is made smaller. */
const LONGEST_MS = 30_000;

/** Fills one table, batch by batch. Where it is, the database knows: it can be left at any moment. */
export class Filler {
  #size: BatchSize;
  #waits = 0;

  private constructor(
    private readonly client: Client,
    private readonly sql: BackfillSql,
    private readonly table: KeyedTable,
    private journal: Journal,
  ) {
    this.#size = { rows: journal.definition.batch.first, suspect: 0 };
  }

  /**
   * @param rows - of the first batch, where it is known from before
   * @throws what `fittingTable` throws
   */
  static async open(client: Client, journal: Journal, rows?: number): Promise<Filler> {
    const { definition, id } = journal;
    const table = await fittingTable(client, definition);
    const sql = backfillSql(client, table, definition, parkedKeys(client, id));
    const { lockTimeoutMs, batch } = definition;
    await client.query(`SET lock_timeout = ${lockTimeoutMs}; SET synchronous_commit = off;
      SET statement_timeout = ${Math.max(LONGEST_MS, 20 * batch.targetMs)}`);
    const filler = new Filler(client, sql, table, journal);
    if (rows) filler.#size = { rows, suspect: 0 };
    return filler;
  }

  get standing(): Journal {
    return this.journal;
  }

  get oid(): number {
    return this.table.oid;
  }

  /** Rows of a batch, as tuned so far. */
  get batchRows(): number {
    return this.#size.rows;
  }

  /**
   * Does one batch, or goes on to the next phase.
   *
   * @param rowsPerSecond - the most that people allow; null: no limit
   * @throws Problem `too-many-parked`, `backfill-refused`, `backfill-table-gone`; what PostgreSQL said when the session is lost
   */
  async turn(rowsPerSecond: number | null): Promise<Turn> {
    const { phase, until, at } = this.journal;
    if (phase === 'done') return { rows: 0, ms: 0, waits: null, over: true };
    if (phase === 'parked') return this.#parked();
    if (until === null) return this.#begin();
    if (at?.join('\0') === until.join('\0')) return this.#next();
    const rows = Math.min(nextRows(this.#size), mostRows(rowsPerSecond));
    const act = phase === 'rows' ? changeRows : compareRows;
    return this.#take(await act(this.client, this.sql, this.journal, rows));
  }

  async #take(batch: Batch): Promise<Turn> {
    if (batch.is === 'moved') return this.#lookAgain();
    const { batch: limits } = this.journal.definition;
    if (batch.is === 'done') {
      this.#waits = 0;
      this.#size = afterDone(this.#size, batch, limits);
      this.journal = moved(this.journal, batch);
      return { rows: batch.rows, ms: batch.ms, waits: null, over: false };
    }
    if (batch.refusal === 'stop') throw this.#stop(batch);
    if (batch.refusal === 'slow' && batch.rows > 1) {
      this.#size = afterTooLong(batch.rows, limits);
      return nothing();
    }
    if (batch.rows > 1) {
      this.#size = afterFailed(this.#size, batch.rows);
      return batch.refusal === 'wait' ? this.#wait(batch.error) : nothing();
    }
    if (batch.refusal === 'wait' && (!isOfLocks(batch.code) || (this.#waits += 1) <= MOST_WAITS))
      return this.#wait(batch.error);
    return this.#passOver(batch);
  }

  async #passOver({ code, error }: { code: string; error: string }): Promise<Turn> {
    const refused = this.journal.phase === 'rows' ? { code, error } : null;
    const { definition, parked, id } = this.journal;
    if (refused && parked >= definition.mostParked)
      throw tooManyParked(id.slice(id.indexOf(':') + 1), parked, definition.mostParked, error);
    this.#size = { ...this.#size, suspect: 0 };
    const passed = await passOver(this.client, this.sql, this.journal, refused);
    if (passed.is === 'refused') return this.#wait(passed.error);
    return this.#lookAgain(passed.is === 'done' ? 1 : 0);
  }

  /** One row a turn: there are few, and each may wait for somebody. */
  async #parked(): Promise<Turn> {
    const [row] = await parkedRows(this.client, this.journal.id, 1, this.journal.at);
    if (!row) return this.#next();
    const key = [...row.key];
    const tried = await tryParked(this.client, this.sql, this.journal, key);
    if (tried.is === 'refused') {
      if (tried.refusal === 'stop') throw this.#stop(tried);
      await keepParked(this.client, this.journal, key, tried);
    }
    return this.#lookAgain(1);
  }

  /** Where this pass ends: rows that come later are not in it, or it would never end where they come fast. */
  async #begin(): Promise<Turn> {
    const { rows } = await this.client.query<Record<string, string>>(this.sql.last);
    if (!rows[0]) return this.#next();
    const until = keyIn(rows[0], this.sql.width);
    await enter(this.client, this.journal, { ...this.journal, until });
    return this.#lookAgain();
  }

  async #next(): Promise<Turn> {
    await this.#lookAgain();
    const { phase, pass, parked, left, definition } = this.journal;
    const compares = definition.where !== null || definition.verify !== null;
    const last = compares ? 'verify' : 'done';
    const again = phase === 'verify' && (left ?? 0) > 0 && pass < MOST_PASSES;
    const to = phase === 'verify' ? (again ? 'rows' : 'done') : phase === 'rows' && parked ? 'parked' : last;
    // All before it was committed without waiting for the disk: what is told as done must outlive a crash.
    if (to === 'done') await this.client.query('SET synchronous_commit = on');
    await enter(this.client, this.journal, { phase: to, pass: again ? pass + 1 : pass, until: null });
    if (to === 'done') await this.client.query('SET synchronous_commit = off');
    this.#size = { rows: Math.min(this.#size.rows, definition.batch.most), suspect: 0 };
    return this.#lookAgain();
  }

  async #lookAgain(rows = 0): Promise<Turn> {
    const found = await readJournal(this.client, this.journal.id);
    if (!found) throw backfillTableGone('lockkeeper_backfill.runs', 'how far it was is no longer there');
    this.journal = found;
    return { ...nothing(), rows };
  }

  async #wait(why: string): Promise<Turn> {
    await sleep(AGAIN_MS);
    return { ...nothing(), waits: why };
  }

  #stop({ code, error }: { code: string; error: string }): Error {
    return code === '42P01' || code === '42703'
      ? backfillTableGone(this.table.name, error)
      : backfillRefused(this.table.name, code, error);
  }
}

const nothing = (): Turn => ({ rows: 0, ms: 0, waits: null, over: false });

const moved = (
  journal: Journal,
  { rows, changed, at }: { rows: number; changed: number; at: string[] },
): Journal => ({
  ...journal,
  ...{
    at,
    scanned: journal.scanned + rows,
    changed: journal.changed + changed,
    batches: journal.batches + 1,
  },
});
