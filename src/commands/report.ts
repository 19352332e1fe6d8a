import type { Client } from '@temporalio/client';
import { connected, latestRun } from '../client.js';
import { noRecord } from '../domain/problems/temporal.js';
import type { RunRecord } from '../domain/record.js';
import { workflowIdOf } from '../domain/requests.js';
import { homeAt, recordsOf, type Target } from '../local.js';
import { runJson } from '../report/run-json.js';
import { runText } from '../report/run.js';
import { askRecord } from './follow.js';
import type { GlobalOptions, Io } from './io.js';
import { readThrough } from './read.js';
import { isRun } from '../domain/run-id.js';

/**
 * The record of a run: how it stands where it has not ended, as long as Temporal answers. Otherwise from the state
 * folder, which needs no Temporal; where that has none, from the state folder of the target's worker.
 *
 * @throws Problem `no-record`
 */
export async function reportCommand(
  targetName: string | undefined,
  options: GlobalOptions & { run?: string },
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const { run } = options;
  const records = await recordsOf(target.config.state, target.name);
  const kept = run ? records.find(({ runId }) => isRun(runId, run)) : records[0];
  const record = await recordOf(target, run, kept);
  io.out(io.json ? JSON.stringify(runJson(record), null, 2) : runText(record));
  return 0;
}

/** @param kept - of the state folder: what has ended says so by it, but the newest one may be of the run before */
async function recordOf(target: Target, run: string | undefined, kept?: RunRecord): Promise<RunRecord> {
  if (run && kept) return kept;
  try {
    return await connected(
      target.config.state,
      async (client) => (await running(client, target, run)) ?? kept ?? fromWorker(client, target, run),
    );
  } catch (error) {
    if (kept) return kept;
    throw noRecord(target.name, run, (error as Error).message);
  }
}

/** Of the run that has not ended; null where there is none, or no worker answers. */
async function running(client: Client, target: Target, run: string | undefined): Promise<RunRecord | null> {
  const last = await latestRun(client, workflowIdOf(target.name));
  return last?.running && (!run || isRun(last.runId, run)) ? askRecord(client, last.handle) : null;
}

async function fromWorker(client: Client, target: Target, run: string | undefined): Promise<RunRecord> {
  const text = await readThrough(client, target, { what: 'record', ...(run ? { run } : {}) });
  return JSON.parse(text) as RunRecord;
}
