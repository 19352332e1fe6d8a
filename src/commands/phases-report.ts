import { exitCodes } from '../domain/exit-codes.js';
import { noPhases } from '../domain/problems/phased-run.js';
import { changesOf, homeAt, recordsOf } from '../local.js';
import { phasesReport } from '../report/phases-report.js';
import type { GlobalOptions, Io } from './io.js';
import { whichChange } from './phases-which.js';

/**
 * One page of the whole of a change, from the state folder: needs no Temporal.
 *
 * @throws Problem `no-phases`, those of whichChange
 */
export async function reportPhases(
  [first, second]: readonly (string | undefined)[],
  options: GlobalOptions,
  io: Io,
): Promise<number> {
  const { target, change } = await whichChange(homeAt(options.config), first, second, 'phases report');
  const { state } = target.config;
  const notes = await changesOf(state, target.name);
  const status = notes.find((note) => note.change === change)?.status;
  if (!status)
    throw noPhases(
      target.name,
      change,
      notes.map((note) => note.change),
    );
  const records = await recordsOf(state, target.name);
  io.out(
    io.json
      ? JSON.stringify(
          {
            schemaVersion: 1,
            ...status,
            records: records.filter(({ runId }) => status.runs.includes(runId)),
          },
          null,
          2,
        )
      : phasesReport(status, records),
  );
  return exitCodes.done;
}
