import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/**
 * Ends the server of a data folder at once: nothing in it is kept. Its own file names it, and the system's list says
 * whether the process of that number is it.
 */
export async function endServerIn(data: string): Promise<void> {
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid || !(await worksIn(pid, data))) return;
  send(pid, 'SIGQUIT');
  const until = performance.now() + WAIT_MS;
  while (performance.now() < until && (await worksIn(pid, data))) await sleep(LOOK_EVERY_MS);
  if (await worksIn(pid, data)) send(pid, 'SIGKILL');
}

/** Linux says what a process was started with; elsewhere the number must do, as it does for PostgreSQL itself. */
async function worksIn(pid: number, data: string): Promise<boolean> {
  if (process.platform !== 'linux') return send(pid, 0);
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.split('\0').includes(data);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
