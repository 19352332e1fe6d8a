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
  // What has ended says so by its record; the newest one may be of the run before.
  const now = run && kept ? undefined : await running(target, run);
  const record = now ?? kept ?? (await fromWorker(target, run));
  io.out(io.json ? JSON.stringify(runJson(record), null, 2) : runText(record));
  return 0;
}

/** Of the run that has not ended; undefined where there is none, or where nobody can tell. */
async function running(target: Target, run: string | undefined): Promise<RunRecord | undefined> {
  const asked = connected(target.config.state, async (client) => {
    const last = await latestRun(client, workflowIdOf(target.name));
    if (!last?.running || (run && !isRun(last.runId, run))) return undefined;
    return (await askRecord(client, last.handle)) ?? undefined;
  });
  return asked.catch(() => undefined);
}

async function fromWorker(target: Target, run: string | undefined): Promise<RunRecord> {
  try {
    const text = await connected(target.config.state, (client) =>
      readThrough(client, target, { what: 'record', ...(run ? { run } : {}) }),
    );
    return JSON.parse(text) as RunRecord;
  } catch (error) {
    throw noRecord(target.name, run, (error as Error).message);
  }
}
