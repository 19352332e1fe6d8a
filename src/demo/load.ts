import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demoSurprise } from '../domain/problems/demo.js';
import type { DemoPlace } from './place.js';
import type { Request } from './traffic.js';

/** Requests a second. One uvicorn on two cores bears twice as many, beside PostgreSQL and all the rest. */
export const RATE = 100;

/** Characters of what they say before they leave: the end of a traceback. */
const SAID = 1_000;

/** What the shoppers have seen. */
export interface Shopped {
  requests: readonly Request[];
  /** How many orders they were told they had placed. */
  orders: number;
}

/** Which shop, and with what they come there. */
export type ShoppedAt = Pick<DemoPlace, 'shop' | 'url' | 'home' | 'env'> & { tools: { python: string } };

/** Shoppers, from now until `stop`. */
export class Load {
  readonly #process: ChildProcess;
  readonly #requests: string;
  readonly #summary: string;
  #said = '';

  constructor({ tools, shop, url, home, env }: ShoppedAt, rate = RATE) {
    this.#requests = join(home, 'requests.jsonl');
    this.#summary = join(home, 'summary.json');
    rmSync(this.#summary, { force: true }); // of an earlier demo
    const files = ['--out', this.#requests, '--summary', this.#summary];
    // On a leash: when we are killed they leave by themselves.
    const args = ['--url', url, ...files, '--rate', String(rate), '--leash'];
    this.#process = spawn(tools.python, [join(shop, 'bin', 'load.py'), ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true, // Ctrl-C in the terminal is the demo's to answer
    });
    const { stderr } = this.#process;
    stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-SAID)));
  }

  /** Ends the shoppers. @throws Problem `demo-surprise` when they had ended by themselves */
  async stop(): Promise<Shopped> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    const text = await readFile(this.#summary, 'utf8').catch(() => {
      throw demoSurprise(
        ['the shoppers left before it was over', this.#said.trim()].filter(Boolean).join(': '),
      );
    });
    const summary = JSON.parse(text) as { ordersTaken: number };
    const lines = (await readFile(this.#requests, 'utf8')).split('\n').filter(Boolean);
    return { requests: lines.map((line) => JSON.parse(line) as Request), orders: summary.ordersTaken };
  }
}
