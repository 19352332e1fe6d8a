import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { connected, latestRun, type LatestRun } from '../client.js';
import type { Came } from '../domain/emergency.js';
import { workflowIdOf } from '../domain/requests.js';
import { stateOf, stateText } from '../domain/state.js';
import { keepOff, type Target, type Work } from '../local.js';
import { askRecord } from './follow.js';
import { isUnreachable } from './unreachable.js';
import { shortRun } from '../domain/run-id.js';

/** How long the run that is cancelled is waited for. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** What came of cancelling whatever runs. */
export interface Cancelled {
  says: Came;
  /** There was a run. */
  isThere: boolean;
  /** Nobody answers for it: what its worker was at may go on without it. */
  isSilent: boolean;
}

/**
 * Cancels what runs for a target, without its id, and waits a while for its undo. Where Temporal does not answer the
 * run is kept from going on by itself.
 *
 * @param say - told before it waits
 */
export async function cancelNow(target: Target, work: Work, say: (text: string) => void): Promise<Cancelled> {
  try {
    return await connected(target.config.state, (client) => cancelIn(client, target, work, say));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return withoutTemporal(target);
  }
}

async function withoutTemporal(target: Target): Promise<Cancelled> {
  const kept = await keepOff(target);
  if (!kept) {
    const nothing = 'Temporal does not answer, and the state folder knows of no run that has not ended';
    return { says: { nothing }, isThere: false, isSilent: true };
  }
  const done = `Temporal does not answer. Run ${shortRun(kept.runId)} is kept from doing anything more when it is back`;
  const left = `${done}. It has changed something: lockkeeper explain ${target.name} prints what is left to do by hand`;
  return { says: kept.isOpen ? { left } : `${done}; it has changed nothing`, isThere: true, isSilent: true };
}

async function cancelIn(
  client: Client,
  target: Target,
  { signal }: Work,
  say: (text: string) => void,
): Promise<Cancelled> {
  const run = await latestRun(client, workflowIdOf(target.name));
  if (!run?.running) return { says: { nothing: 'nothing runs' }, isThere: false, isSilent: false };
  await run.handle.cancel();
  say(`        the ${run.type} is told to undo what it did; waiting for that, for up to a minute`);
  const came = await cameOf(client, run, signal);
  const ended = came === 'over' ? await askRecord(client, run.handle) : null;
  const how = ended ? `it has ended: ${ended.outcome}. ${stateText(stateOf(ended))}` : 'it has ended';
  const words = wordsOf(came, run.type, target.name, how);
  return { says: came === 'over' ? words : { left: words }, isThere: true, isSilent: came === 'silent' };
}

type CameTo = 'over' | 'repair' | 'silent' | 'undoing';

const wordsOf = (came: CameTo, type: string, target: string, how: string): string =>
  ({
    over: `the ${type} is cancelled, and ${how} (lockkeeper report ${target})`,
    repair: `the ${type} is cancelled, and an undo of it has failed. It waits for a person: lockkeeper status ${target}`,
    silent: `the ${type} is told, but no worker answers: once one is back it undoes what it did, and may start the release of before. Call this again then`,
    undoing: `the ${type} is cancelled, and still undoes what it did, which may start the release of before. Call this again when it has ended: lockkeeper status ${target}`,
  })[came];

async function cameOf(client: Client, { handle }: LatestRun, signal: AbortSignal): Promise<CameTo> {
  let isSilent = false;
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return 'over';
    const record = await askRecord(client, handle);
    if (record?.outcome === 'repair') return 'repair';
    // Twice in a row: a worker may be too busy to answer once.
    if (!record && isSilent) return 'silent';
    isSilent = !record;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  return 'undoing';
}
