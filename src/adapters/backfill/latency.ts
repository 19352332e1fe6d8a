import { performance } from 'node:perf_hooks';
import type { ThrottleLimits } from '../../domain/backfill/definition.js';
import { p95Of } from '../../domain/backfill/latency.js';
import type { Pressure } from '../../domain/backfill/pace.js';
import { duration } from '../../domain/units.js';
import { ask } from '../http.js';
import type { Client } from '../postgres/client.js';
import { codeOf, isLost } from '../postgres/failures.js';

type Limit = NonNullable<ThrottleLimits['p95']>;

/** The p95 is of so many answers: of five seconds. */
const WINDOW = 20;
/** An application that hangs gets no more questions than this at once. */
const MOST_OPEN = 8;

/** Asks the application how fast it is. An answer that has not come yet counts for as long as it has been waited for. */
export class Latency {
  readonly #answers: number[] = [];
  readonly #open = new Set<number>();
  #fault: string | null = null;

  constructor(
    private readonly limit: Limit,
    private readonly client: Client,
    private readonly signal: AbortSignal,
  ) {}

  /** Asks once more; of an address it does not wait for the answer. */
  async look(): Promise<void> {
    const { url, query } = this.limit;
    if (url !== null && this.#open.size < MOST_OPEN) void this.#askUrl(url).catch(() => undefined);
    if (query !== null) await this.#askDatabase(query);
  }

  /** Whether there was an answer, or there is none within the limit. */
  get isKnown(): boolean {
    const late = [...this.#open].some((since) => performance.now() - since > this.limit.ms);
    return this.#fault !== null || this.#answers.length > 0 || late;
  }

  pressures(): Pressure[] {
    if (this.#fault !== null)
      return [{ ratio: 2, says: `the application's latency is not known: ${this.#fault}` }];
    const now = performance.now();
    const p95 = p95Of([...this.#answers, ...[...this.#open].map((since) => now - since)]);
    const { ms, field, query } = this.limit;
    const what = field || query ? 'p95 of the application' : 'p95 of its answers';
    return p95 === null ? [] : [{ ratio: p95 / ms, says: `${what} ${duration(p95)}, limit ${duration(ms)}` }];
  }

  async #askUrl(url: string): Promise<void> {
    const began = performance.now();
    this.#open.add(began);
    try {
      const answer = await ask(url, this.signal);
      if (typeof answer === 'string') this.#fault = answer;
      else if (answer.status !== 200) this.#fault = `${url} answered ${answer.status}`;
      else
        this.#take(
          this.limit.field === null ? performance.now() - began : fieldOf(answer.body, this.limit.field),
        );
    } finally {
      this.#open.delete(began);
    }
  }

  async #askDatabase(query: string): Promise<void> {
    try {
      const { rows } = await this.client.query<unknown[]>({
        text: query,
        rowMode: 'array',
        name: 'lockkeeper_p95',
      });
      const value = Number(rows[0]?.[0] ?? NaN);
      this.#take(Number.isFinite(value) ? value : 'the query gives no number');
    } catch (error) {
      if (isLost(error) || codeOf(error) === undefined) throw error;
      this.#fault = (error as Error).message;
    }
  }

  #take(value: number | string): void {
    this.#fault = typeof value === 'string' ? value : null;
    if (typeof value !== 'number') return;
    // What the application or a query tells is a p95 already.
    if (this.limit.field !== null || this.limit.query !== null) this.#answers.length = 0;
    this.#answers.push(value);
    if (this.#answers.length > WINDOW) this.#answers.shift();
  }
}

function fieldOf(body: string, field: string): number | string {
  try {
    const value = (JSON.parse(body) as Record<string, unknown>)[field];
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : `its answer has no number "${field}"`;
  } catch {
    return 'its answer is no JSON';
  }
}
