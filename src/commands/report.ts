import { noRecord } from '../domain/problems/temporal.js';
import { homeAt, recordsOf } from '../local.js';
import { runJson } from '../report/run-json.js';
import { runText } from '../report/run.js';
import type { GlobalOptions, Io } from './io.js';

/** The record of a finished run, from the state folder: works without Temporal. */
export async function reportCommand(
  targetName: string | undefined,
  options: GlobalOptions & { run?: string },
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const records = await recordsOf(target.config.state, target.name);
  const record = options.run ? records.find(({ runId }) => runId.startsWith(options.run!)) : records[0];
  if (!record) throw noRecord(target.name, options.run);
  io.out(io.json ? JSON.stringify(runJson(record), null, 2) : runText(record));
  return 0;
}
