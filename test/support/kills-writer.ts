import { setTimeout as sleep } from 'node:timers/promises';
import { withClient, type Client } from '../../src/adapters/postgres/client.js';
import type { Site } from '../services/closure/site.js';

const EVERY_MS = 300;
/** What his sessions are called. */
export const WRITER = 'application';

/**
 * Somebody who uses the site: whenever it is open he writes a row, in a transaction that began before he asked
 * whether it is, as an application behind it does. Remembers what he was told is written.
 */
export class Writer {
  readonly written: string[] = [];
  #stopped = false;
  #mayPause = false;
  #paused = false;
  readonly #over: Promise<void>;

  constructor(
    private readonly site: Site,
    private readonly url: string,
  ) {
    this.#over = this.#write();
  }

  /** Waits until he has written and not committed; he stays so until `goOn`. */
  async pause(): Promise<void> {
    this.#mayPause = true;
    while (!this.#paused && !this.#stopped) await sleep(50);
  }

  goOn(): void {
    this.#mayPause = false;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.goOn();
    await this.#over;
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      await sleep(EVERY_MS);
      if (!(await this.#isOpen())) continue;
      const row = await withClient(this.url, { applicationName: WRITER }, (client) =>
        this.#one(client),
      ).catch(() => null); // ended with the server, or by whoever closes: he was not told that it is written
      if (row) this.written.push(row);
    }
  }

  async #one(client: Client): Promise<string | null> {
    await client.query('begin');
    if (!(await this.#isOpen())) return null;
    const { rows } = await client.query<{ id: string }>('insert into orders (total) values (1) returning id');
    while (this.#mayPause) {
      this.#paused = true;
      await sleep(50);
    }
    this.#paused = false;
    await client.query('commit');
    return rows[0]!.id;
  }

  #isOpen = (): Promise<boolean> =>
    this.site.ask().then(
      ({ status }) => status === 200,
      () => false,
    );
}
