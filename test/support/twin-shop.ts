import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, withClient } from '../../src/adapters/postgres/client.js';

export interface TwinShopOptions {
  url: string;
  /** While it is there, the site is closed, and nobody writes. */
  flag: string;
  rows: number;
  /** Transactions a second, all clients together. */
  rate: number;
  clients?: number;
}

/** What of `items` an application may use, as it finds it when it connects. */
type Form = 'whole' | 'without note' | 'gone';

const LEAVES_AFTER_MS = 20;

/**
 * An application behind a site: at a given rate it writes the same to a table and to its twin, each time in one
 * transaction: new rows, values, NULLs, rows that are deleted, and such that come back under their key. Where the column
 * or the table is gone it does without; a row of `events` and of its twin it writes each time. It leaves the database
 * when the site is closed, and comes back when it is open.
 */
export class TwinShop {
  /** Transactions that were committed, and those that were cut off. */
  writes = 0;
  cutOff = 0;
  #going = true;
  readonly #all: Promise<unknown>[];

  constructor(private readonly options: TwinShopOptions) {
    const clients = options.clients ?? 8;
    const everyMs = (1000 * clients) / options.rate;
    this.#all = Array.from({ length: clients }, () => this.#client(everyMs));
  }

  /** Ends, once the last write is committed. */
  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#all);
  }

  get #open(): boolean {
    return !existsSync(this.options.flag);
  }

  async #client(everyMs: number): Promise<void> {
    while (this.#going) {
      if (this.#open)
        await withClient(this.options.url, { applicationName: 'shop' }, (client) =>
          this.#work(client, everyMs),
        ).catch(() => (this.cutOff += 1)); // by whoever closes the site
      await sleep(LEAVES_AFTER_MS);
    }
  }

  async #work(client: Client, everyMs: number): Promise<void> {
    const form = await formOf(client);
    for (let next = performance.now(); this.#going && this.#open;) {
      await client.query(`BEGIN; ${this.#one(form)}; COMMIT`);
      this.writes += 1;
      next = Math.max(next + everyMs, performance.now() - everyMs); // what is missed is not made up for
      await sleep(Math.max(0, next - performance.now()));
    }
  }

  #one(form: Form): string {
    const key = 1 + Math.floor(Math.random() * this.options.rows * 1.1);
    const word = Math.random().toString(36).slice(2, 8);
    const events = `INSERT INTO TABLE_ (word) VALUES ('${word}')`;
    const items = form === 'gone' ? [] : choice(form, key, word);
    return [...pairs(items, 'items', 'twin'), ...pairs([events], 'events', 'events_twin')].join('; ');
  }
}

const pairs = (all: readonly string[], one: string, other: string): string[] =>
  all.flatMap((sql) => [sql.replaceAll('TABLE_', one), sql.replaceAll('TABLE_', other)]);

async function formOf(client: Client): Promise<Form> {
  const { rows } = await client.query<{ table: boolean; note: boolean }>(
    `SELECT to_regclass('items') IS NOT NULL AS table,
      EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('items') AND attname = 'note') AS note`,
  );
  const [is] = rows;
  if (!is?.table) return 'gone';
  return is.note ? 'whole' : 'without note';
}

function choice(form: Form, key: number, word: string): string[] {
  const note = form === 'whole';
  const insert = note
    ? `INSERT INTO TABLE_ (id, name, note) VALUES (${key}, 'New', '${word}') ON CONFLICT DO NOTHING`
    : `INSERT INTO TABLE_ (id, name) VALUES (${key}, 'New') ON CONFLICT DO NOTHING`;
  const remove = `DELETE FROM TABLE_ WHERE id = ${key}`;
  const choices = [
    [insert],
    [`UPDATE TABLE_ SET name = '${word}' WHERE id = ${key}`],
    [`UPDATE TABLE_ SET ${note ? 'note' : 'name'} = '${word}' WHERE id = ${key}`],
    [`UPDATE TABLE_ SET ${note ? 'note' : 'name'} = NULL WHERE id = ${key}`],
    [remove],
    [remove, insert],
  ];
  return choices[Math.floor(Math.random() * choices.length)]!;
}

/** A table and its twin with as many rows, and two that are empty. */
export const twinTables = (rows: number): string => `
  CREATE TABLE items (id bigint PRIMARY KEY, name text, note text, price numeric(10, 2));
  INSERT INTO items SELECT g, 'Name ' || g, CASE WHEN g % 7 > 0 THEN 'Note ' || g END, g / 3.0
    FROM generate_series(1, ${rows}) g;
  CREATE TABLE twin (LIKE items INCLUDING ALL);
  INSERT INTO twin SELECT * FROM items;
  CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text);
  CREATE TABLE events_twin (LIKE events INCLUDING ALL);
  ANALYZE`;

/** How many rows one has and the other has not, either way. */
export async function twinDifference(client: Client): Promise<{ items: number; events: number }> {
  const query = (columns: string, one: string, other: string) => {
    const [a, b] = [one, other].map((table) => `SELECT ${columns} FROM ${table}`);
    return `(SELECT count(*)::int FROM ((${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a})) d)`;
  };
  const { rows } = await client.query<{ items: number; events: number }>(
    `SELECT ${query('id, name, note, price', 'items', 'twin')} AS items, ${query('word', 'events', 'events_twin')} AS events`,
  );
  return rows[0]!;
}
