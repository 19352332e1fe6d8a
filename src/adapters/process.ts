import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process, and not another one that was given its number later. */
export interface ProcessIdentity {
  pid: number;
  /** When it was started, in words of the system: only to be compared. */
  started: string;
}

const linux = process.platform === 'linux';

/** Who runs under this number now. @returns undefined when nobody does, or only a corpse that is not fetched yet */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = await (linux ? startedLinux(pid) : startedElsewhere(pid)).catch(() => undefined);
  return started ? { pid, started } : undefined;
}

/** Whether exactly this process still runs. */
export const isAlive = async (process: ProcessIdentity | undefined): Promise<boolean> =>
  process !== undefined && (await identify(process.pid))?.started === process.started;

/** @see proc_pid_stat(5): field 3 is the state, field 22 the start in ticks since the machine was started */
async function startedLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((id) => id.trim())}/${fields[19]}`;
}

async function startedElsewhere(pid: number): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'state=,lstart=', '-p', String(pid)]);
  const [state, ...started] = stdout.trim().split(/\s+/);
  return state?.startsWith('Z') ? undefined : started.join(' ');
}
