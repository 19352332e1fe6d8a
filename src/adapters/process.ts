import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
  if (linux) return identifyNow(pid);
  const line = await promisify(execFile)('ps', psOf(pid)).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return identifyBy(pid, () => startedOf(line));
}

/** The same at once, while nothing else can happen. */
export const identifyNow = (pid: number): ProcessIdentity | undefined =>
  identifyBy(pid, () =>
    linux ? startedLinux(pid) : startedOf(execFileSync('ps', psOf(pid), { encoding: 'utf8' })),
  );

function identifyBy(pid: number, find: () => string | undefined): ProcessIdentity | undefined {
  try {
    const started = find();
    return started ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether exactly this process still runs. */
export const isAlive = async (process: ProcessIdentity | undefined): Promise<boolean> =>
  process !== undefined && (await identify(process.pid))?.started === process.started;

/** @see proc_pid_stat(5): field 3 is the state, field 22 the start in ticks since the machine was started */
function startedLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
}

const psOf = (pid: number): string[] => ['-o', 'state=,lstart=', '-p', String(pid)];

function startedOf(line: string): string | undefined {
  const [state, ...started] = line.trim().split(/\s+/);
  return state?.startsWith('Z') ? undefined : started.join(' ');
}
