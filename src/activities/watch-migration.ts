import { setTimeout as sleep } from 'node:timers/promises';
import type { BridgeEvent } from '../adapters/alembic/events.js';
import { freeBytes } from '../adapters/disk.js';
import { withClient, type Client } from '../adapters/postgres/client.js';
import { dataFolders } from '../adapters/postgres/data-folder.js';
import { watcherOf } from '../adapters/postgres/live.js';
import type { StallOptions } from '../domain/blocked.js';
import { limitReached, type Limits } from '../domain/limits.js';
import { liveText, type Place } from '../domain/live-text.js';
import { closesSite, type Plan } from '../domain/plan.js';
import { diskRunsFull } from '../domain/problems/limits.js';
import { Rater } from '../domain/rates.js';
import type { Target } from './home.js';
import { progressWords } from './migration-log.js';
import { PlaceSeen } from './place-seen.js';
import { sessionName } from './standing.js';
import { stepLog, type StepLog } from './step-log.js';
import type { Work } from './work.js';
import { GIB } from '../domain/units.js';

/** Most migrations are over by then: for those nobody looks. */
const FIRST_MS = 500;
const EVERY_MS = 500;
/** A disk does not fill up in a second, and a log is read by people. */
const SLOWLY_MS = 2_000;
const AGAIN_MS = 5_000;
/** Whoever watches must not keep the migration's end waiting. */
const LEAVE_MS = 1_000;

export interface Watched {
  runId: string;
  /** Name of its log file, and of the line of the runbook. */
  step: string;
  plan: Plan;
  stall?: StallOptions | undefined;
  /** What is taken back is let go on, whatever it costs others: half of it would need a person. */
  isUndo?: boolean;
}

/** With the site closed nobody waits whom it would harm. */
function limitsOf({ settings }: Target, { plan, stall, isUndo }: Watched): Limits {
  if (isUndo) return { budgetMs: Infinity };
  const { lagSeconds } = settings.alembic.limits;
  const approved = Math.max(
    plan.stallBudgetMs ?? settings.alembic.stallBudgetMs[plan.risk],
    stall?.budgetMs ?? 0,
  );
  return { budgetMs: closesSite(plan.procedure) ? Infinity : approved, lagSeconds };
}

/**
 * Migrates while another session looks every half second what goes on: it says so (`progress`, and the step's log), and
 * stops the migration where others wait for its locks for longer than the budget, a standby falls behind, or the disk
 * runs full. Where it cannot look, that is said, and the migration goes on.
 *
 * @param migrate - is given work whose signal is aborted then, too
 * @throws Problem `others-wait-too-long`, `replication-lags`, `disk-runs-full`; what `migrate` throws
 */
export async function whileWatched<T>(
  target: Target,
  watched: Watched,
  work: Work,
  migrate: (work: Work, onEvent: (event: BridgeEvent) => void) => Promise<T>,
): Promise<T> {
  const [stop, over, gone] = [new AbortController(), new AbortController(), new AbortController()];
  const log = await stepLog(target, watched.runId, watched.step);
  const seen = new PlaceSeen(watched.plan);
  let said = '';
  const progress = (text: string): void => work.progress((said = text));
  const onEvent = (event: BridgeEvent): void => {
    log(event);
    seen.take(event);
    const words = progressWords(event);
    if (words) progress(words);
  };
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const watch = new Watch(target, watched, {
    ...{ log, progress: work.progress },
    now: () => ({ place: seen.place, said }),
  });
  const watching = watch.until(over.signal, gone.signal, stop);
  try {
    return await migrate({ ...work, signal, progress }, onEvent);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    over.abort();
    const late = setTimeout(() => gone.abort(), LEAVE_MS);
    await watching;
    clearTimeout(late);
  }
}

interface Saying {
  log: StepLog;
  progress: (text: string) => void;
  /** Where the migration is, and what it last said itself. */
  now: () => { place: Place | null; said: string };
}

class Watch {
  readonly #name: string;
  readonly #rater = new Rater();
  #slowlyAt = 0;
  #logged = '';

  constructor(
    private readonly target: Target,
    private readonly watched: Watched,
    private readonly saying: Saying,
  ) {
    this.#name = sessionName(target.name, 'migrate', watched.runId);
  }

  /** Looks until it is over. @param gone - ends a look that takes too long then @param stop - aborted at a limit */
  async until(over: AbortSignal, gone: AbortSignal, stop: AbortController): Promise<void> {
    const { target, watched } = this;
    const applicationName = sessionName(target.name, 'watch', watched.runId);
    await pause(FIRST_MS, over);
    while (!over.aborted && !stop.signal.aborted) {
      try {
        await withClient(target.url(), { applicationName, signal: gone }, (client) =>
          this.#look(client, over, stop),
        );
      } catch (error) {
        if (over.aborted) return;
        this.saying.log({ event: 'live', text: `cannot look at the database: ${(error as Error).message}` });
        await pause(AGAIN_MS, over);
      }
    }
  }

  async #look(client: Client, over: AbortSignal, stop: AbortController): Promise<void> {
    const limits = limitsOf(this.target, this.watched);
    const diskFreeGiB = this.watched.isUndo ? undefined : this.target.settings.alembic.limits.diskFreeGiB;
    const watcher = await watcherOf(client);
    const folders = diskFreeGiB === undefined ? [] : await dataFolders(client, this.target.url());
    if (diskFreeGiB !== undefined && !folders.length)
      this.saying.log({
        event: 'live',
        text: "how much of the server's disk is free cannot be known from here",
      });
    while (!over.aborted && !stop.signal.aborted) {
      const sample = await watcher.sample(this.#name);
      const rates = this.#rater.take(sample, Date.now());
      const slowly = Date.now() - this.#slowlyAt >= SLOWLY_MS;
      const reached =
        limitReached(sample, rates, limits, this.#name) ??
        (slowly && diskFreeGiB !== undefined ? await fullDisk(folders, diskFreeGiB * GIB) : undefined);
      const text = liveText(sample, rates, { ...this.saying.now(), name: this.#name });
      this.#say(text, slowly || reached !== undefined);
      if (reached) stop.abort(reached);
      else await pause(EVERY_MS, over);
    }
  }

  #say(text: string, toLog: boolean): void {
    this.saying.progress(this.target.mask(text));
    if (!toLog) return;
    this.#slowlyAt = Date.now();
    if (text !== this.#logged) this.saying.log({ event: 'live', text });
    this.#logged = text;
  }
}

async function fullDisk(folders: readonly string[], least: number): Promise<Error | undefined> {
  for (const folder of folders) {
    const free = await freeBytes(folder).catch(() => Infinity); // a folder that only the server may look into
    if (free < least) return diskRunsFull(folder, free, least);
  }
  return undefined;
}

const pause = (ms: number, over: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: over }).catch(() => undefined);
