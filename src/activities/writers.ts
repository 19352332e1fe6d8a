import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteCounters } from '../adapters/closure/counters.js';
import { untilIdle, untilQuiet, whatMoved } from '../adapters/closure/quiet.js';
import { busyText, connectedNames, whySessionsHidden, type Busy } from '../adapters/closure/sessions.js';
import { writeAtomically } from '../adapters/disk.js';
import { withClient, type Client } from '../adapters/postgres/client.js';
import { countersMissing, sessionsHidden, stillWritten, writersBusy } from '../domain/problems/closure.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { duration } from '../domain/units.js';
import type { Home, Target } from './home.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/** Name of counters in the state folder: they may be longer than what travels in a workflow. */
export interface Counted extends Noted {
  counters: string;
}

export interface Moved extends Counted {
  /** Tables with numbers, in words; empty when nothing was written. */
  moved: readonly string[];
}

/**
 * Proves that nobody writes to the target's database any more: transactions that may write are waited for,
 * then their sessions are ended, and then nothing is written for a while. Idle connections of a pool stay.
 *
 * @returns the counters from which on nothing must be written
 * @throws Problem `writers-busy`, `still-written`, `sessions-hidden`, those of withClient
 */
export async function writersStopped(target: Target, { runId }: RunInput, work: Work): Promise<Counted> {
  return look(target, runId, work, async (client) => {
    await mustSee(client);
    const waitMs = (target.settings.closure?.waitSeconds ?? 0) * 1000;
    const onBusy = (busy: readonly Busy[]) =>
      work.progress(`waits for ${few(busy.map(busyText)).join('; ')}`);
    const began = performance.now();
    const busy = await untilIdle(client, { waitMs, signal: work.signal, onBusy });
    const took = duration(performance.now() - began);
    if (busy.length) throw writersBusy(target.name, few(busy.map(busyText)), took);
    work.progress('waits until nothing is written any more');
    const { counters, moved } = await untilQuiet(client, work.signal);
    if (moved.length) throw stillWritten(target.name, few(moved), await connectedNames(client));
    return {
      counters: await keepCounters(target.config.state, counters),
      note: `writers are stopped: nothing is written since ${counters.at}`,
    };
  });
}

/**
 * What was written to the target's database since counters were taken: at the snapshot of a backup, and before
 * a restore that would lose it. Also the way to take new counters.
 *
 * @param input.last - nobody goes on from the counters that are returned
 * @param input.since - counters as `closeSite` or this function returned them; without them it only counts
 * @throws Problem `counters-missing`, those of withClient
 */
export async function writersMoved(
  home: Home,
  input: RunInput & { since?: string; last?: boolean },
  work: Work,
): Promise<Moved> {
  const target = home.target(input.target);
  const { state } = target.config;
  const before = input.since === undefined ? null : await readCounters(state, input.since);
  return look(target, input.runId, work, async (client) => {
    const { counters, moved } = before
      ? await whatMoved(client, before, { signal: work.signal, last: input.last ?? false })
      : { ...(await untilQuiet(client, work.signal)), moved: [] };
    const note = before
      ? `${few(moved).join('; ') || 'nothing was written'} since ${before.at}`
      : `counted at ${counters.at}`;
    return { counters: await keepCounters(state, counters), moved: few(moved), note };
  });
}

const look = <T>(
  target: Target,
  runId: string,
  work: Work,
  act: (client: Client) => Promise<T>,
): Promise<T> =>
  withClient(
    target.url(),
    { applicationName: sessionName(target.name, 'writers', runId), signal: work.signal },
    act,
  );

/** As many as people read, and as travel in a workflow. */
const MOST = 20;
const few = (words: readonly string[]): string[] =>
  words.length <= MOST ? [...words] : [...words.slice(0, MOST), `and ${words.length - MOST} more`];

/** Who cannot see writers cannot tell that there are none. @throws Problem `sessions-hidden` */
export async function mustSee(client: Client): Promise<void> {
  const hidden = await whySessionsHidden(client);
  if (hidden) throw sessionsHidden(hidden.role, hidden.why);
}

const pathOf = (state: string, name: string) => join(state, 'counters', `${name}.json`);

/** @returns the name under which the state folder keeps them */
export async function keepCounters(state: string, counters: WriteCounters): Promise<string> {
  const text = JSON.stringify(counters);
  const name = createHash('sha256').update(text).digest('hex');
  await writeAtomically(pathOf(state, name), text);
  return name;
}

/** @throws Problem `counters-missing` */
export async function readCounters(state: string, name: string): Promise<WriteCounters> {
  const path = pathOf(state, name);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as WriteCounters;
  } catch (error) {
    throw countersMissing(path, (error as Error).message);
  }
}
