import { connected } from '../client.js';
import { noRecord } from '../domain/problems/temporal.js';
import type { RunRecord } from '../domain/record.js';
import { homeAt, recordsOf, type Target } from '../local.js';
import { runJson } from '../report/run-json.js';
import { runText } from '../report/run.js';
import type { GlobalOptions, Io } from './io.js';
import { readThrough } from './read.js';
import { isRun } from '../domain/run-id.js';

/**
 * The record of a finished run: from the state folder, which needs no Temporal; where that has none, from the
 * state folder of the target's worker.
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
  const here = run ? records.find(({ runId }) => isRun(runId, run)) : records[0];
  const record = here ?? (await fromWorker(target, run));
  io.out(io.json ? JSON.stringify(runJson(record), null, 2) : runText(record));
  return 0;
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
