import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { identify, isAlive, type ProcessIdentity } from '../adapters/process.js';

export { identify, isAlive, type ProcessIdentity };

/** A process in the list of all. */
export interface Listed {
  pid: number;
  command: string;
  /** Its working folder; empty where the system does not say. */
  folder: string;
}

const linux = process.platform === 'linux';

/** All processes that we may see. */
export const listed = (): Promise<Listed[]> => (linux ? listedLinux() : listedElsewhere());

async function listedLinux(): Promise<Listed[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      command: await readFile(`/proc/${pid}/cmdline`, 'utf8').then(
        (words) => words.replaceAll('\0', ' ').trim(),
        () => '',
      ),
      folder: await readlink(`/proc/${pid}/cwd`).catch(() => ''),
    })),
  );
  return all.filter(({ command }) => command);
}

async function listedElsewhere(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,command=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, command]) => ({ pid: Number(pid), command: command ?? '', folder: '' }));
}

export interface StopStep {
  signal: NodeJS.Signals;
  /** How long to wait for the end before the next step. */
  waitMs: number;
}

/** The last step of all: nothing survives it but a process that hangs in the kernel. */
const KILL: StopStep = { signal: 'SIGKILL', waitMs: 5_000 };
const LOOK_EVERY_MS = 20;

/** Ends processes, politely first. @returns those that are still there */
export async function end(processes: ProcessIdentity[], steps: StopStep[]): Promise<ProcessIdentity[]> {
  let left = await alive(processes);
  for (const { signal, waitMs } of [...steps, KILL]) {
    if (left.length === 0) break;
    for (const { pid } of left) send(pid, signal);
    const until = performance.now() + waitMs;
    while (left.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      left = await alive(left);
    }
  }
  return left;
}

async function alive(processes: ProcessIdentity[]): Promise<ProcessIdentity[]> {
  const living = await Promise.all(processes.map(isAlive));
  return processes.filter((_, i) => living[i]);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
