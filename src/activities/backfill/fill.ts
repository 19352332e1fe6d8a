import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlembicProject } from '../../adapters/alembic/project.js';
import { Filler } from '../../adapters/backfill/filler.js';
import { readJournal } from '../../adapters/backfill/journal.js';
import { withClient } from '../../adapters/postgres/client.js';
import { endSessions } from '../../adapters/postgres/sessions.js';
import type { BackfillStanding } from '../../domain/backfill/definition.js';
import { sleepAfter } from '../../domain/backfill/pace.js';
import { noBackfill } from '../../domain/problems/backfill.js';
import { ThrottleWatch } from './throttle-watch.js';
import type { BackfillStretch } from '../../domain/backfill/stretch.js';

export interface FillOptions {
  /** Of the journal. */
  id: string;
  /** How the application names of its sessions begin: of this backfill alone, because orphans of that name are ended. */
  sessions: string;
  /** The most rows a second; null: what its settings say. */
  rowsPerSecond: number | null;
  /** Ends after so many milliseconds. */
  forMs: number;
  /** As the stretch before left them. */
  share?: number;
  batchRows?: number;
  signal: AbortSignal;
  /** Whose function gives the values, where one does. */
  project?: AlembicProject | undefined;
  /** Why nothing may be done now, in words; null: it may. */
  forbidden: () => Promise<string | null>;
  progress: (standing: BackfillStanding, held: readonly string[]) => void;
}

/** What a while of work came to. */
export interface Filled extends Omit<BackfillStretch, 'is' | 'until' | 'parked'> {
  over: boolean;
}

/** How long what is left of an earlier attempt may take to end. */
const ORPHANS_MS = 10_000;
const HELD_MS = 100;

/**
 * Works on a backfill for a while: batches, each in a transaction of its own, as fast as it may.
 *
 * @throws Problem `no-backfill`; what `Filler` and `withClient` throw; the signal's reason when aborted
 */
export function fill(url: string, options: FillOptions): Promise<Filled> {
  const { id, sessions, signal } = options;
  return withClient(url, { applicationName: `${sessions}work`, signal }, async (client) => {
    await endSessions(client, sessions, { waitMs: ORPHANS_MS });
    const journal = await readJournal(client, id);
    if (!journal) throw noBackfill(id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1));
    const { batchRows: rows, project } = options;
    const filler = await Filler.open(client, journal, { rows, project, signal });
    return withClient(url, { applicationName: `${sessions}look`, signal }, async (looking) => {
      const { throttle: limits } = journal.definition;
      const { share = 1, forbidden } = options;
      await looking.query('SET statement_timeout = 5000');
      const watch = new ThrottleWatch(looking, {
        ...{ limits, oid: filler.oid, ours: sessions, signal, share, forbidden },
      });
      try {
        return await work(filler, watch, options);
      } finally {
        await watch.stop();
        await filler.close();
      }
    });
  });
}

async function work(
  filler: Filler,
  watch: ThrottleWatch,
  { forMs, signal, rowsPerSecond, progress }: FillOptions,
): Promise<Filled> {
  const began = performance.now();
  const rate = rowsPerSecond ?? filler.standing.definition.rowsPerSecond;
  let [rows, over] = [0, false];
  let [held, waits]: [readonly string[], string | null] = [[], null];
  await watch.looked;
  while (!over && performance.now() - began < forMs) {
    signal.throwIfAborted();
    held = [...(waits === null ? [] : [waits]), ...watch.held];
    progress(filler.standing, held);
    if (watch.held.length) {
      await sleep(HELD_MS, undefined, { signal });
      continue;
    }
    const turn = await filler.turn(rate);
    ({ waits } = turn);
    held = waits === null ? [] : [waits];
    rows += turn.rows;
    over = turn.over;
    const pause = sleepAfter(turn, watch.pace, turn.rows ? rate : null);
    if (pause >= 1) await sleep(pause, undefined, { signal });
  }
  const { share } = watch.pace;
  const ms = performance.now() - began;
  return { over, standing: filler.standing, rows, ms, held, share, batchRows: filler.batchRows };
}
