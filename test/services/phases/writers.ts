import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { randomFrom } from '../../support/random.js';

/** Statements of one release on the changing table: $1 is the key, $2 the value as text. */
export interface Side {
  insert: string;
  update: string;
  remove: string;
  /** $1 becomes $2; absent where the key is not to be moved. */
  move?: string;
  /** Gives `id` and `value` of every row, the value as text. */
  read: string;
}

/**
 * Writers that never stop: each its own keys, each change in one transaction with the twin table's. They rest for twice
 * as long as a change takes, as users do, so that a migration that looks for gaps finds some on a busy machine, too.
 */
export class Writers {
  readonly errors: string[] = [];
  changes = 0;
  #sides: readonly Side[];
  #running = false;
  #loops: Promise<void>[] = [];
  readonly #next: (() => number)[];
  readonly #known: Set<number>[];

  constructor(
    readonly clients: readonly pg.Client[],
    sides: readonly Side[],
    readonly value: (random: () => number) => string | null,
    seed: number,
    rows: number,
  ) {
    this.#sides = sides;
    this.#next = clients.map((_, at) => randomFrom(seed + at));
    this.#known = clients.map(
      (_, at) =>
        new Set(
          Array.from({ length: rows }, (_each, id) => id + 1).filter((id) => id % clients.length === at),
        ),
    );
  }

  /** From the next change on; those under way end first. */
  async use(sides: readonly Side[]): Promise<void> {
    await this.pause();
    this.#sides = sides;
    this.go();
  }

  go(): void {
    this.#running = true;
    this.#loops = this.clients.map((client, at) => this.#write(client, at));
  }

  async pause(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #write(client: pg.Client, at: number): Promise<void> {
    while (this.#running) {
      const began = performance.now();
      try {
        await this.#change(client, at);
        this.changes += 1;
      } catch (error) {
        this.errors.push((error as Error).message);
        await client.query('ROLLBACK').catch(() => undefined);
        return;
      }
      await sleep(2 * (performance.now() - began));
    }
  }

  async #change(client: pg.Client, at: number): Promise<void> {
    const random = this.#next[at]!;
    const known = this.#known[at]!;
    const side = this.#sides[Math.floor(random() * this.#sides.length)]!;
    const count = this.clients.length;
    const id = Math.floor(random() * 200) * count + at || count;
    const value = this.value(random);
    const both = async (twin: string, real: string, values: unknown[]) => {
      await client.query('BEGIN');
      await client.query(twin, values);
      await client.query(real, values);
      await client.query('COMMIT');
    };
    if (!known.has(id)) {
      await both('INSERT INTO twin VALUES ($1, $2)', side.insert, [id, value]);
      known.add(id);
    } else if (random() < 0.25) {
      await both('DELETE FROM twin WHERE id = $1', side.remove, [id]);
      known.delete(id);
    } else if (side.move && random() < 0.15) {
      const free = id + 1000 * count;
      if (known.has(free)) return;
      await both('UPDATE twin SET id = $2 WHERE id = $1', side.move, [id, free]);
      known.delete(id);
      known.add(free);
    } else await both('UPDATE twin SET value = $2 WHERE id = $1', side.update, [id, value]);
  }
}

/** Rows that are in one and not in the other. */
export const difference = (read: string): string => `
  WITH real AS (SELECT id::int8, value FROM (${read}) AS side), twin_rows AS (SELECT id::int8, value FROM twin)
  (TABLE real EXCEPT ALL TABLE twin_rows) UNION ALL (TABLE twin_rows EXCEPT ALL TABLE real) LIMIT 5`;
