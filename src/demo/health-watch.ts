import { setTimeout as sleep } from 'node:timers/promises';
import { look } from '../adapters/closure/probe.js';

const EVERY_MS = 250;

/** How often the health check was asked, how often it said 200, and how often it was the maintenance page. */
export interface HealthSeen {
  asked: number;
  ok: number;
  closed: number;
}

/** Asks the shop's health check, as a monitor does, from now until `stop`. */
export class HealthWatch {
  readonly #stop = new AbortController();
  readonly #asking: Promise<HealthSeen>;

  constructor(url: string) {
    this.#asking = this.#ask(`${url}/health`);
  }

  stop(): Promise<HealthSeen> {
    this.#stop.abort();
    return this.#asking;
  }

  async #ask(url: string): Promise<HealthSeen> {
    const seen: HealthSeen = { asked: 0, ok: 0, closed: 0 };
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const answer = await look(url, signal).catch(() => null);
      if (answer === null) break;
      seen.asked += 1;
      if (typeof answer !== 'string') {
        if (answer.closure !== null) seen.closed += 1;
        else if (answer.status === 200) seen.ok += 1;
      }
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    return seen;
  }
}
