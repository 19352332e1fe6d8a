import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Scenario } from './scenarios.js';

/** When a change was due, and when it was done: by `clock()`. */
export type Sample = readonly [due: number, done: number];
export type Reading = readonly [began: number, ended: number];

export type ToSite = { do: 'read'; scenario: Scenario } | { do: 'stop readers' } | { do: 'stop' };
export type FromSite = { said: 'ready' } | { said: 'reading' } | { said: 'no readers' } | SiteSeen;

export interface SiteSeen {
  said: 'over';
  samples: Sample[];
  readings: Reading[];
  /** When the last reader had left, where they were not stopped. */
  ranOutAt?: number;
}

const script = fileURLToPath(new URL('site.ts', import.meta.url));
const runner = fileURLToPath(new URL('../../scripts/run-ts.mjs', import.meta.url));

/** The application of one run: clients from the start, readers once they are asked for. */
export class Site {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async open(url: string, seed: number): Promise<Site> {
    const env = { ...process.env, BENCH_URL: url };
    const site = new Site(fork(runner, [script, String(seed)], { env }));
    await site.#hear('ready');
    return site;
  }

  /** @returns once the first readers read */
  async read(scenario: Scenario): Promise<void> {
    this.#process.send({ do: 'read', scenario } satisfies ToSite);
    await this.#hear('reading');
  }

  async stopReaders(): Promise<void> {
    this.#process.send({ do: 'stop readers' } satisfies ToSite);
    await this.#hear('no readers');
  }

  async close(): Promise<SiteSeen> {
    this.#process.send({ do: 'stop' } satisfies ToSite);
    return (await this.#hear('over')) as SiteSeen;
  }

  /** @throws where the process ended instead */
  async #hear(wanted: FromSite['said']): Promise<FromSite> {
    const gone = new AbortController();
    const ended = once(this.#process, 'exit', { signal: gone.signal }).then(() => {
      throw new Error(`the site's process ended before it said ${wanted}`);
    });
    ended.catch(() => undefined);
    const heard = once(this.#process, 'message', { signal: gone.signal }) as Promise<[FromSite]>;
    heard.catch(() => undefined);
    const [message] = await Promise.race([heard, ended]);
    gone.abort();
    if (message.said !== wanted) throw new Error(`the site said ${message.said}, not ${wanted}`);
    return message;
  }
}
