import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 10_000;
/** A server that writes all that it has in memory to a slow disk. */
const STOP_MS = 120_000;
const LOOK_EVERY_MS = 20;

/**
 * Ends the server of a data folder at once: nothing in it is kept. Its own file names it, and the system's list says
 * whether the process of that number is it.
 */
export async function endServerIn(data: string): Promise<void> {
  const pid = await serverOf(data);
  if (!pid || (await endsBy('SIGQUIT', pid, data, WAIT_MS))) return;
  send(pid, 'SIGKILL');
}

/** Stops it so that its files are whole: sessions are ended, all is written. @returns whether it has stopped */
export async function stopServerIn(data: string): Promise<boolean> {
  const pid = await serverOf(data);
  return !pid || endsBy('SIGINT', pid, data, STOP_MS);
}

/** @returns the process of the server; undefined: none is at work */
async function serverOf(data: string): Promise<number | undefined> {
  const file = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  return pid && (await worksIn(pid, data)) ? pid : undefined;
}

async function endsBy(signal: NodeJS.Signals, pid: number, data: string, ms: number): Promise<boolean> {
  send(pid, signal);
  const until = performance.now() + ms;
  while (performance.now() < until && (await worksIn(pid, data))) await sleep(LOOK_EVERY_MS);
  return !(await worksIn(pid, data));
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
