import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoPlace } from './place.js';

/** One request of a shopper, as bin/load.py writes it down. Times in milliseconds. */
interface Request {
  at: number;
  method: string;
  status: number | null;
  ms: number;
}

export interface Traffic {
  ok: number;
  failed: number;
  slowestMs: number;
}

/** Requests a second: busy enough that a stall is seen, idle enough for two cores that do all the rest as well. */
const RATE = 40;

/** Shoppers, from now until `stop`. */
export class Load {
  readonly #process: ChildProcess;
  readonly #requests: string;
  readonly #summary: string;

  constructor({ tools, shop, url, home, env }: DemoPlace) {
    this.#requests = join(home, 'requests.jsonl');
    this.#summary = join(home, 'summary.json');
    const args = ['--url', url, '--out', this.#requests, '--summary', this.#summary, '--rate', String(RATE)];
    this.#process = spawn(tools.python, [join(shop, 'bin', 'load.py'), ...args], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      detached: true, // Ctrl-C in the terminal is the demo's to answer
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Ends the shoppers. @returns how many orders they were told they had placed */
  async stop(): Promise<number> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    const summary = JSON.parse(await readFile(this.#summary, 'utf8')) as { ordersTaken: number };
    return summary.ordersTaken;
  }

  /** What the requests of a span of time came to. */
  async between(from: number, to: number): Promise<Traffic> {
    const requests = (await readFile(this.#requests, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Request)
      .filter(({ at }) => at >= from && at <= to);
    const ok = requests.filter(({ status }) => status !== null && status >= 200 && status < 300).length;
    return { ok, failed: requests.length - ok, slowestMs: Math.max(0, ...requests.map(({ ms }) => ms)) };
  }
}
