import type { BridgeAsk, BridgeEvent, Leave, RetryAsk, StatementAsk } from '../../adapters/alembic/events.js';
import type { LockQuestion } from '../../adapters/postgres/lock-holders.js';
import { conflictsWith, stalls } from '../../locks/conflicts.js';
import { strongest, type WantedLock } from '../../locks/wanted.js';
import { AttemptWatch } from './attempt-watch.js';
import { surroundingsOf, watching } from './around.js';
import type { Ended, LookoutOptions, Stood } from './looking.js';
import { SqlSent, type SentSql } from './sent-sql.js';
import { Waiting, type Way } from './waiting.js';

/** A query that waits for a row keeps nobody waiting but those who want that row, too. */
const ROW_WAIT_MS = 1_000;
const CONCURRENTLY = /\bconcurrently\b/i;

/**
 * Looks before a migration queues: gives leave for each of its statements once nobody is in the way, and says how long
 * it may wait. Knows from the lock model what a statement needs, and from the server who has it.
 */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #pids: number[] = [];
  readonly #watch = new AttemptWatch();
  #sql: Promise<SqlSent>;
  #revision = '';
  #current: { ask: StatementAsk; sent: SentSql; wanted: LockQuestion[]; waiting: Waiting } | undefined;
  #watched = false;
  /** Set once it has said no. */
  ended: Ended | undefined;

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#sql = options.schema.then((schema) => new SqlSent(schema, options.versionTable));
  }

  /** To be given as `leave` to migrate(). */
  readonly leave = async (ask: BridgeAsk): Promise<Leave> => {
    try {
      return await this.#leave(ask);
    } catch (error) {
      this.ended = { how: 'failed', error };
      return { do: 'abort', why: 'who is in the way could not be seen' };
    }
  };

  /** To be told what the bridge tells. */
  readonly hear = (event: BridgeEvent): void => {
    if (event.event === 'statement') this.#sql = this.#done(this.#sql);
  };

  /** Where it is. */
  get stood(): Stood | undefined {
    const current = this.#current;
    return (
      current && {
        revision: this.#revision,
        sql: current.ask.sql,
        wanted: current.wanted,
        holders: current.waiting.last,
      }
    );
  }

  /** The migration has ended, well or not. */
  async close(): Promise<void> {
    await this.#watch.stop();
    await this.#sql.catch(() => undefined);
  }

  async #leave(ask: BridgeAsk): Promise<Leave> {
    const sql = await this.#sql;
    switch (ask.ask) {
      case 'connect':
        this.#pids.push(ask.pid);
        return { do: 'go' };
      case 'step':
        this.#revision = ask.revision;
        sql.revision(ask.inTransaction);
        await this.#options.coming.revision(ask.revision);
        return { do: 'go' };
      case 'statement':
        return this.#andAhead(ask, sql);
      case 'retry':
        return this.#retry(ask);
      case 'commit':
        return { do: 'go' };
      case 'rows':
        return { do: 'abort', why: 'a migration asks for no rows' };
    }
  }

  /**
   * While the transaction keeps others waiting, each question does so for longer: what needs no look is not asked for. Found out
   * before it waits, so that the statement is sent right after the last look.
   */
  async #andAhead(ask: StatementAsk, sql: SqlSent): Promise<Leave> {
    const sent = await sql.look(ask);
    const statements = await sql.ahead(this.#options.coming.after(ask.sql));
    const leave = await this.#statement(ask, sent);
    if (leave.do !== 'go' || !statements.length) return leave;
    return { ...leave, ahead: { statements, lockTimeoutMs: this.#options.attemptMs } };
  }

  async #statement(ask: StatementAsk, sent: SentSql): Promise<Leave> {
    if (this.#watched) await this.#stopWatch(false); // it failed, and the project went on
    this.#current = undefined;
    if (sent.query === 'project') return { do: 'go', lockTimeoutMs: ROW_WAIT_MS };
    if (!sent.locks.length && !sent.unknown)
      return sent.single ? { do: 'go', lockTimeoutMs: this.#options.attemptMs } : { do: 'go' };
    const first = sent.holds || isGentle(sent) ? [] : this.#options.ahead;
    const wanted = [...strongest(sent.locks).map(asQuestion), ...first];
    const around = surroundingsOf(this.#options, this.#pids, { revision: this.#revision, locks: sent.locks });
    this.#current = { ask, sent, wanted, waiting: new Waiting(around, await this.#longestHolding()) };
    return this.#send();
  }

  /** How long it may wait while it holds what others want: each start of the migration is more patient. */
  async #longestHolding(): Promise<number> {
    const { attemptMs, start } = this.#options;
    return (await this.committedMidway()) ? Infinity : attemptMs * 2 ** (start - 1);
  }

  /** Whether part of the revision that runs is committed already: another start of it would do that part twice. */
  async committedMidway(): Promise<boolean> {
    return (await this.#sql).committedMidway;
  }

  async #retry({ ms }: RetryAsk): Promise<Leave> {
    const current = this.#current;
    if (!current) return { do: 'abort', why: 'nothing was sent that could be sent again' };
    const { wait } = await this.#stopWatch(false);
    current.waiting.failed(ms);
    if (wait?.relation) {
      const { oid, name, lock } = wait.relation;
      current.wanted = [
        ...current.wanted.filter((each) => each.oid !== oid),
        { oid, name, lock, waitsFor: conflictsWith(lock) },
      ];
    }
    return this.#send();
  }

  async #send(): Promise<Leave> {
    const { sent, wanted, waiting, ask } = this.#current!;
    const gently = isGentle(sent);
    const way = await waiting.untilFree(wanted, sent.holds, gently);
    if (way.to !== 'go') return this.#no(way, wanted);
    if (sent.build) await this.#options.onBuild(sent.build, this.#revision);
    this.#watched = true;
    this.#watch.start(...watching(this.#options, ask, { revision: this.#revision, gently }));
    if (sent.brief && CONCURRENTLY.test(ask.sql)) return { do: 'go' }; // the bridge lets it take its time
    return { do: 'go', lockTimeoutMs: way.lockTimeoutMs, savepoint: sent.single && !sent.holds };
  }

  #no(way: Exclude<Way, { to: 'go' }>, wanted: readonly LockQuestion[]): Leave {
    if (way.to === 'begin again') {
      this.ended = { how: 'begin again', ahead: wanted };
      return { do: 'abort', why: 'its transaction holds what others wait for: it begins again from outside' };
    }
    const { to: _, ...why } = way;
    this.ended = { ...this.stood!, ...why, how: 'stop' };
    return { do: 'abort', why: 'a lock is not to be had without making others wait for too long' };
  }

  async #done(sent: Promise<SqlSent>): Promise<SqlSent> {
    const sql = await sent;
    sql.done();
    if (this.#watched) await this.#stopWatch(true);
    this.#current = undefined;
    return sql;
  }

  /** @param done - it got its lock: what it queued for is told by what was seen of it */
  async #stopWatch(done: boolean) {
    this.#watched = false;
    const seen = await this.#watch.stop();
    const behind = done && this.#current && !isGentle(this.#current.sent);
    if (behind) this.#options.stall.spend(seen.queuedMs);
    return seen;
  }
}

/** Neither readers nor writers wait for it, however long it queues. */
const isGentle = ({ unknown, locks }: SentSql): boolean =>
  !unknown && !locks.some(({ lock }) => stalls(lock));

const asQuestion = ({ name, lock }: WantedLock): LockQuestion => ({
  name,
  lock,
  waitsFor: conflictsWith(lock),
});
