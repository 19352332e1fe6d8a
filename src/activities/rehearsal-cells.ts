import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell, CellFault, Cells } from '../domain/cells.js';
import { notTried, START } from '../domain/cells.js';
import { cellsTried } from './cells-environment.js';
import { type CellsStage, ReleaseOnCopy, removeContainers } from './release-on-copy.js';
import type { Work } from './work.js';

/** Somebody looks ten times a second whether what was started is connected to the live server. */
const SEEN_MS = 300;

/** Tries the release that runs and the next one on the copy: first on the old schema, then on the new one. */
export class TryingReleases {
  readonly #came: Cells;
  readonly #running: string | null;

  constructor(
    private readonly stage: CellsStage,
    private readonly work: Work,
  ) {
    const { live, copy, plan } = stage;
    const isTried = cellsTried(live, plan) && copy.isolated !== undefined;
    this.#running = isTried ? plan.running : null;
    this.#came = { running: plan.running, next: plan.release, ...notTried };
  }

  /** What came of it; undefined: the settings do not say how. */
  get cells(): Cells | undefined {
    return cellsTried(this.stage.live, this.stage.plan) ? this.#came : undefined;
  }

  async onOld(): Promise<void> {
    await this.#both('old', async (running, next) => {
      this.#came.runningOnOld = await this.#asked(running);
      this.#came.nextOnOld = await this.#asked(next);
    });
  }

  async onNew(): Promise<void> {
    await this.#both('new', async (running, next) => {
      this.#came.runningOnNew = await this.#asked(running);
      this.#came.nextOnNew = await this.#asked(next);
      this.#came.runningAfterNext = await this.#asked(running);
    });
  }

  /** Both run side by side, as they do during a deploy. */
  async #both(
    schema: 'old' | 'new',
    act: (running: ReleaseOnCopy, next: ReleaseOnCopy) => Promise<void>,
  ): Promise<void> {
    if (this.#running === null) return;
    const { live } = this.stage;
    // Of an attempt that was killed: its containers live on.
    await removeContainers(live);
    const started: ReleaseOnCopy[] = [];
    try {
      for (const release of [this.#running, this.stage.plan.release]) {
        this.work.progress(`rehearsing: ${release} on the ${schema} schema`);
        started.push(await ReleaseOnCopy.start(release, schema, this.stage, this.work));
      }
      const [running, next] = started as [ReleaseOnCopy, ReleaseOnCopy];
      // One that does not become healthy is waited for while the other is asked.
      void next.untilHealthy().catch(() => undefined);
      await act(running, next);
    } finally {
      await Promise.all(started.map((each) => each.stop()));
      await removeContainers(live);
    }
  }

  async #asked(release: ReleaseOnCopy): Promise<Cell> {
    const why = await release.untilHealthy();
    if (why !== null) return [{ request: START, why }];
    // What is sent to it may write.
    await sleep(SEEN_MS, undefined, { signal: this.work.signal });
    const faults: CellFault[] = await release.faults();
    this.work.signal.throwIfAborted();
    return faults;
  }
}
