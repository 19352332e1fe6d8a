import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Latency } from '../../adapters/backfill/latency.js';
import { pressure, ServerSignals } from '../../adapters/backfill/signals.js';
import { freeBytes } from '../../adapters/disk.js';
import type { Client } from '../../adapters/postgres/client.js';
import type { ThrottleLimits } from '../../domain/backfill/definition.js';
import { fullPace, nextPace, type Pace, type Pressure } from '../../domain/backfill/pace.js';
import { bytes, GIB } from '../../domain/units.js';

/** Four looks a second: an excess is met within two seconds, the batch that is at work included. */
const LOOK_EVERY_MS = 250;

export interface WatchOptions {
  limits: ThrottleLimits;
  oid: number;
  /** How the application names of our own sessions begin. */
  ours: string;
  signal: AbortSignal;
  /** Share of the time that it had before. */
  share: number;
  /** Anything else that forbids going on, in words; null: nothing does. */
  forbidden: () => Promise<string | null>;
}

/** Looks at what people care about, beside the work, and says how fast it may go. */
export class ThrottleWatch {
  #pace: Pace;
  #forbidden: string | null = null;
  #failure: { error: unknown } | undefined;
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;
  /** Resolves once all that has a limit is known, or the looking has failed: nothing is to be done before that. */
  readonly looked: Promise<void>;
  #sawAll: () => void = () => undefined;
  readonly #server: ServerSignals;
  readonly #latency: Latency | null;

  constructor(
    client: Client,
    private readonly options: WatchOptions,
  ) {
    const { limits, oid, ours, signal, share } = options;
    this.#pace = { ...fullPace, share };
    this.#server = new ServerSignals(client, oid, ours, limits);
    this.#latency = limits.p95 ? new Latency(limits.p95, client, signal) : null;
    this.looked = new Promise((resolve) => (this.#sawAll = resolve));
    this.#over = this.#run(AbortSignal.any([signal, this.#stop.signal]));
  }

  /** @throws what the looking itself has failed of */
  get pace(): Pace {
    if (this.#failure) throw this.#failure.error;
    return this.#pace;
  }

  /** Why nothing may be done now, in words; empty: it may. @throws what the looking itself has failed of */
  get held(): readonly string[] {
    return this.#forbidden === null ? this.pace.by : [this.#forbidden, ...this.pace.by];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#over;
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      for (let last = performance.now(); !signal.aborted;) {
        await this.#look(performance.now() - last);
        last = performance.now();
        if (this.#server.isKnown && (this.#latency?.isKnown ?? true)) this.#sawAll();
        await sleep(LOOK_EVERY_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) this.#failure = { error };
    } finally {
      this.#sawAll();
    }
  }

  async #look(ms: number): Promise<void> {
    this.#forbidden = await this.options.forbidden();
    await this.#latency?.look();
    const pressures = [
      ...(await this.#server.pressures(Date.now())),
      ...(this.#latency?.pressures() ?? []),
      ...(await diskPressure(this.options.limits.freeDisk)),
    ];
    this.#pace = nextPace(this.#pace, pressures, ms);
  }
}

async function diskPressure(limit: ThrottleLimits['freeDisk']): Promise<Pressure[]> {
  if (!limit) return [];
  const free = await freeBytes(limit.path).catch((error: Error) => error.message);
  if (typeof free === 'string') return [{ ratio: 2, says: `the disk can not be looked at: ${free}` }];
  const least = limit.GiB * GIB;
  // The other way round: what is free may not fall below it.
  return pressure(
    least / Math.max(1, free),
    1,
    () => `${bytes(free)} free on ${limit.path}`,
    () => bytes(least),
  );
}
