import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../domain/problem.js';
import { withClient } from '../postgres/client.js';
import type { ScratchFolder } from './folder.js';

const START_MS = 60_000;
const LOOK_EVERY_MS = 15;

/** What ends a start: without its control file, a data folder is no FATAL to PostgreSQL, and the guard lives on. */
const OVER = /FATAL|could not find the database system/;

/** Waits until a server that was started answers. @returns why it does not; undefined: it does */
export async function answers(
  guard: ChildProcess,
  url: string,
  {
    applicationName,
    signal,
    folder,
  }: { applicationName: string; signal: AbortSignal; folder: ScratchFolder },
): Promise<string | undefined> {
  const until = performance.now() + START_MS;
  let why = 'it did not start';
  while (performance.now() < until && guard.pid && guard.exitCode === null && !signal.aborted) {
    try {
      await withClient(url, { applicationName }, (client) => client.query('SELECT 1'));
      return undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      why = error.message;
      if (OVER.test(await lastWords(folder)) && error.code === 'database-unreachable') return why;
    }
    await sleep(LOOK_EVERY_MS);
  }
  return why;
}

/** What it has said of its failure; empty: nothing. */
export const lastWords = async ({ path }: ScratchFolder): Promise<string> =>
  (await readFile(join(path, 'log'), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => /FATAL|ERROR|HINT|could not/.test(line))
    .slice(-3)
    .join('; ');
