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
import { lockHolder } from '../postgres/advisory-lock.js';
import { answered, doRows, type Batch, type Range } from './batch.js';
import { advanced, readJournal, type Journal } from './journal.js';
import { keepParked, passOver, tryParked } from './one-row.js';
import { parkedKeys, parkedRows } from './parked.js';
import { mostWaits } from './refusals.js';
import { fittingTable } from './fits.js';
import { enterNext, findEnd } from './passes.js';
import { backfillSql, type BackfillSql } from './sql.js';
import type { KeyedTable } from './table.js';
import { nothing, type FillerOptions, type Turn } from './turn.js';
import { wayOf, type Way } from './way.js';

const AGAIN_MS = 100;
/** A statement that takes longer is made smaller. */
const LONGEST_MS = 30_000;

/** Fills one table, batch by batch. Where it is, the database knows. */
export class Filler {
  #size: BatchSize;
  #waits = 0;
  /** The rows after the last batch, where that has found them. */
  #ahead: Range | null = null;
  /** Somebody may be changing the database: each batch looks, but a migration shall not meet even one statement of ours. The lock is never taken. */
  #mayChange = true;

  private constructor(
    private readonly client: Client,
    private readonly sql: BackfillSql,
    private readonly table: KeyedTable,
    private readonly way: Way,
    private journal: Journal,
    rows: number,
  ) {
    this.#size = { rows, suspect: 0 };
  }

  /** @throws what `fittingTable` and `wayOf` throw */
  static async open(
    client: Client,
    journal: Journal,
    { rows, project, signal }: FillerOptions,
  ): Promise<Filler> {
    const { definition, id } = journal;
    const table = await fittingTable(client, definition);
    const sql = backfillSql(client, table, definition, parkedKeys(client, id));
    const { lockTimeoutMs, batch } = definition;
    const longestMs = Math.max(LONGEST_MS, 20 * batch.targetMs);
    await client.query(`SET lock_timeout = ${lockTimeoutMs}; SET synchronous_commit = off;
      SET statement_timeout = ${longestMs}`);
    const way = wayOf({ client, table, sql, definition, project, longestMs, signal });
    return new Filler(client, sql, table, way, journal, rows || definition.batch.first);
  }

  close(): Promise<void> {
    return this.way.close();
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
    if (this.#mayChange) {
      const holder = await lockHolder(this.client);
      const whom = holder && (holder.applicationName || `pid ${holder.pid}`);
      if (whom) return this.#wait(`the database is being changed by ${whom}`);
      this.#mayChange = false;
    }
    const { phase, until, at } = this.journal;
    if (phase === 'done') return { rows: 0, ms: 0, waits: null, over: true };
    if (phase === 'parked') return this.#parked();
    if (until === null) return this.#begin();
    if (at?.join('\0') === until.join('\0')) return this.#next();
    const rows = Math.min(nextRows(this.#size), mostRows(rowsPerSecond));
    const ahead = this.#ahead && fits(this.#ahead.rows, rows) ? this.#ahead : rows;
    return this.#take(
      phase === 'rows'
        ? await this.way.rows(this.journal, ahead)
        : await doRows(this.client, this.sql, this.journal, ahead),
    );
  }

  async #take(batch: Batch): Promise<Turn> {
    this.#ahead = null;
    if (batch.is === 'moved') return this.#lookAgain();
    const { batch: limits } = this.journal.definition;
    if (batch.is === 'done') {
      this.#waits = 0;
      this.#ahead = batch.ahead;
      this.#size = afterDone(this.#size, batch, limits);
      this.journal = advanced(this.journal, batch);
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
    if (batch.refusal === 'wait' && (this.#waits += 1) <= mostWaits(batch.code))
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
    const tried = await tryParked(this.client, this.journal, key, () => this.way.one(key));
    if (tried.is === 'refused') {
      if (tried.refusal === 'stop') throw this.#stop(tried);
      await keepParked(this.client, this.journal, key, tried);
    }
    return this.#lookAgain(1);
  }

  async #begin(): Promise<Turn> {
    const found = await answered(nobody, async () =>
      (await findEnd(this.client, this.sql, this.journal)) ? { changed: 0, ahead: null } : null,
    );
    if (found.is !== 'refused') return found.is === 'done' ? this.#lookAgain() : this.#next();
    if (found.refusal === 'wait') return this.#wait(found.error);
    throw this.#stop(found);
  }

  async #next(): Promise<Turn> {
    await this.#lookAgain();
    await enterNext(this.client, this.journal);
    this.#size = { rows: Math.min(this.#size.rows, this.journal.definition.batch.most), suspect: 0 };
    return this.#lookAgain();
  }

  async #lookAgain(rows = 0): Promise<Turn> {
    const found = await readJournal(this.client, this.journal.id);
    if (!found) throw backfillTableGone('lockkeeper_backfill.runs', 'how far it was is no longer there');
    this.journal = found;
    this.#ahead = null;
    this.#mayChange = true;
    return { ...nothing(), rows };
  }

  async #wait(why: string): Promise<Turn> {
    this.#mayChange = true;
    await sleep(AGAIN_MS);
    return { ...nothing(), waits: why };
  }

  #stop({ code, error }: { code: string; error: string }): Error {
    return code === '42P01' || code === '42703'
      ? backfillTableGone(this.table.name, error)
      : backfillRefused(this.table.name, code, error);
  }
}

/** It was looked for by the size before: to look again costs an answer to wait for, and a batch that does not grow costs more. */
const fits = (found: number, wanted: number): boolean => found <= wanted * 1.25 && wanted <= found * 1.25;

const nobody = (): Range => ({ at: [], rows: 0 });
