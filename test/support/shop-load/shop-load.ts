import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectPython } from '../servers.js';

/** What one release's statements differ in; see clerk.py. */
export interface Words {
  /** The column that is written. */
  note: string;
  /** How it is read. */
  shown: string;
  /** A delivery's key as RETURNING gives it, and as a query does. */
  key: string;
  delivery: string;
  /** Cast of a parameter that is a delivery's key; empty: the column's type. */
  number: string;
}

export interface LoadSide {
  words: Words;
  /** Prepared statements that a session keeps (SQLAlchemy's `prepared_statement_cache_size`). */
  cache: number;
}

/** What statements came to since the last report; times in milliseconds. */
export interface LoadReport {
  seconds: number;
  transactions: number;
  tps: number;
  statements: number;
  failed: number;
  /** The first of them, as the driver says it. */
  errors: string[];
  p50: number;
  p95: number;
  slowest: { ms: number; sql: string };
}

export interface LoadSettings {
  url: string;
  sides: Readonly<Record<string, LoadSide>>;
  clients: number;
  /** Transactions a second, of all clients. */
  rate: number;
  seed: number;
  /** Sides that run first. */
  use: readonly string[];
}

const LOAD = join(process.cwd(), 'test/support/shop-load/load.py');

/** Clients of the shop's database in a process of their own; see load.py. */
export class ShopLoad {
  readonly #answers: AsyncIterator<string>;

  private constructor(readonly process: ChildProcess) {
    this.#answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  static async start(settings: LoadSettings): Promise<ShopLoad> {
    const load = new ShopLoad(spawn(projectPython, [LOAD], { stdio: ['pipe', 'pipe', 'inherit'] }));
    await load.#ask(settings);
    return load;
  }

  /** These releases from now on; transactions under way end first. */
  use = (sides: readonly string[]): Promise<unknown> => this.#ask({ do: 'use', sides });
  report = (): Promise<LoadReport> => this.#ask<LoadReport>({ do: 'report' });

  /** @returns what these releases read that is not what was committed, in words */
  compare = async (sides: readonly string[]): Promise<string[]> =>
    (await this.#ask<{ found: string[] }>({ do: 'compare', sides })).found;

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const over = once(this.process, 'exit');
    this.process.stdin?.end();
    await over;
  }

  async #ask<A>(what: object): Promise<A> {
    this.process.stdin?.write(`${JSON.stringify(what)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the load has ended; what it said stands above');
    return JSON.parse(value as string) as A;
  }
}
