import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFlag, writeFlag } from '../adapters/closure/flag.js';
import { closureText, isHandRunId, type Closer, type Closure } from '../domain/closure.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { closureIfAny, closureInForce } from './closed-where.js';
import type { Home } from './home.js';
import { readJournal } from './journal.js';
import { keepsakesDueText } from './keepsakes-due.js';
import { tidyFirst } from './tidy.js';
import type { Work } from './work.js';
import { shortRun } from '../domain/run-id.js';

/** What an earlier run has left behind that came to no end of its own. */
export interface LeftBehind {
  /** For people; empty when there is nothing. */
  what: string;
  /** Its closure of the site, in words, when that is there still. */
  closure: string | null;
}

/**
 * Looks whether an earlier run of the target was ended from outside (terminated, its history lost): only one
 * runs at a time, so whatever another run has left is nobody's any more. Says it once, and puts right what it has
 * left on the server of the database.
 */
export async function leftBehind(home: Home, input: RunInput, work: Work): Promise<LeftBehind> {
  const closure = await closureOfAnother(home, input);
  const { state } = home.config();
  const dead = await deadRuns(state, input);
  const whats = await Promise.all(dead.map((runId) => lastWords(state, runId)));
  for (const runId of dead) await markFound(state, runId, input.runId);
  const found = await tidyFirst(home, input, work);
  const due = await keepsakesDueText(home.target(input.target), work);
  const all = [...whats, ...found, ...(due ? [due] : [])];
  return { what: all.join('; '), closure: closure && closureText(closure, Date.now()) };
}

/**
 * Makes the closure of a run that is no more the closer's own, with a planned end of its own: it is the
 * closer's to open now. Harmless twice, and when the site was opened meanwhile.
 */
export async function takeOver(home: Home, input: RunInput & Closer): Promise<Noted> {
  const closure = await closureOfAnother(home, input);
  if (!closure) return { note: 'nothing is left to take over' };
  const { flag, minutes } = await closureInForce(home.target(input.target));
  const deadline = new Date(Date.now() + minutes * 60_000).toISOString();
  const { kind, by, runId } = input;
  await writeFlag(flag, { ...closure, kind, by, runId, deadline }, { replace: true });
  return { note: `the closure of run ${shortRun(closure.runId)} is this run's now` };
}

async function closureOfAnother(home: Home, { target, runId }: RunInput): Promise<Closure | null> {
  const settings = await closureIfAny(home.target(target));
  if (!settings) return null;
  const flag = await readFlag(settings.flag);
  if (flag.is !== 'closure' || flag.closure.target !== target || flag.closure.kind !== 'run') return null;
  return flag.closure.runId === runId ? null : flag.closure;
}

const markOf = (state: string, runId: string) => join(state, 'logs', runId, 'found-by');

/** Nobody has to be told of it again. */
export const markFound = (state: string, runId: string, by: string): Promise<void> =>
  writeFile(markOf(state, runId), by, { mode: 0o600 });

/** Runs of the target that have a journal and no record, and that no other run has told of. */
async function deadRuns(state: string, { target, runId }: RunInput): Promise<string[]> {
  const kept = new Set(await readdir(join(state, 'records', target)).catch(() => []));
  const runs = await readdir(join(state, 'logs')).catch(() => []);
  const open = runs.filter((id) => id !== runId && !isHandRunId(id) && !kept.has(`${id}.json`));
  const dead = await Promise.all(
    open.map(async (id) => {
      const finder = await readFile(markOf(state, id), 'utf8').catch(() => runId);
      return finder === runId && (await readJournal(state, id))[0]?.target === target ? [id] : [];
    }),
  );
  return dead.flat();
}

async function lastWords(state: string, runId: string): Promise<string> {
  const last = (await readJournal(state, runId)).at(-1)!;
  const where = last.kind === 'ended' ? `after ${last.step}` : `in the middle of ${last.step}`;
  return `run ${runId} was ended from outside ${where} (${last.at}): it undid nothing and kept no record`;
}
