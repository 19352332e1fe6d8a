import { writeFileSync } from 'node:fs';
import { exitCodes } from '../domain/exit-codes.js';
import { noPhases } from '../domain/problems/phased-run.js';
import { fileRefused, wrongUse } from '../domain/problems/use.js';
import { standingWord, type PhasesStatus } from '../domain/phases/status.js';
import { changesOf, homeAt, reportedRuns } from '../local.js';
import { htmlPage } from '../report/html.js';
import { phasesReport } from '../report/phases-report.js';
import type { GlobalOptions, Io } from './io.js';
import { whichChange } from './phases-which.js';

export interface ReportPhasesOptions extends GlobalOptions {
  html?: string;
}

/**
 * One page of the whole of a change, from the state folder: needs no Temporal. A file that is there already is written anew.
 *
 * @throws Problem `no-phases`, `file-refused`, `wrong-use`, those of whichChange
 */
export async function reportPhases(
  [first, second]: readonly (string | undefined)[],
  options: ReportPhasesOptions,
  io: Io,
): Promise<number> {
  const { html } = options;
  if (html !== undefined && io.json) throw wrongUse('either --html or --json', 'phases report');
  const { target, change } = await whichChange(homeAt(options.config), first, second, 'phases report');
  const status = await statusOf(target, change);
  const runs = await reportedRuns(target, status.runs);
  if (io.json) {
    const records = runs.map(({ record }) => record);
    io.out(JSON.stringify({ schemaVersion: 1, ...status, records }, null, 2));
    return exitCodes.done;
  }
  const page = phasesReport(status, runs);
  if (html === undefined) io.out(page);
  else {
    write(html, htmlPage(`${change} of ${target.name}: ${standingWord(status)}`, page));
    io.out(`The page is in ${html}`);
  }
  return exitCodes.done;
}

async function statusOf(
  { config, name }: Parameters<typeof reportedRuns>[0],
  change: string,
): Promise<PhasesStatus> {
  const notes = await changesOf(config.state, name);
  const status = notes.find((note) => note.change === change)?.status;
  if (status) return status;
  throw noPhases(
    name,
    change,
    notes.map((note) => note.change),
  );
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw fileRefused(path, (error as Error).message);
  }
}
