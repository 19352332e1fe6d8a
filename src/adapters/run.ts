import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, stat } from 'node:fs/promises';
import { identify, type ProcessIdentity } from './process.js';

/** A user of the system. */
export interface Account {
  uid: number;
  gid: number;
}

export interface RunOptions {
  /** As whom; default: as ourselves. */
  as?: Account | undefined;
  env?: Readonly<Record<string, string>>;
}

export interface Ran {
  ok: boolean;
  stdout: string;
  /** What a person should see of a failure. */
  lastWords: string;
}

/** Longer than any of the small tools needs, initdb on a slow disk included. */
const TOOL_LIMIT_MS = 120_000;

/** Runs one of the servers' tools to its end. Unlike `shell`, as another user and with none of our environment. */
export const run = (file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const settings = {
      ...options.as,
      cwd: '/',
      env: { ...plainEnvironment(), ...options.env },
      timeout: TOOL_LIMIT_MS,
      killSignal: 'SIGKILL' as const,
    };
    execFile(file, args, settings, (error, stdout, stderr) => {
      const printed = stderr.trim() || stdout.trim();
      resolve({ ok: !error, stdout, lastWords: lastLines(printed, 5) || (error?.message ?? '') });
    });
  });

export interface Daemon extends RunOptions {
  file: string;
  args: readonly string[];
  /** Its working folder: tells whose server a process of the same name is. */
  folder: string;
  log: string;
}

/** A log that is longer at a start is set aside. */
const LOG_LIMIT_BYTES = 16 * 2 ** 20;

/** Starts a server that lives on when we end, in a session of its own, so that Ctrl-C does not reach it. */
export async function startDaemon(daemon: Daemon): Promise<{ process: ProcessIdentity; logFrom: number }> {
  const { file, args, folder, log, as, env } = daemon;
  const logFrom = await makeRoom(log);
  const output = await open(log, 'a', 0o600);
  try {
    const child = spawn(file, args, {
      ...as,
      cwd: folder,
      env: { ...plainEnvironment(), ...env },
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await once(child, 'spawn');
    child.unref();
    const pid = child.pid ?? 0;
    // One that ended already is known by no start, which is the start of no process.
    return { process: (await identify(pid)) ?? { pid, started: 'ended at once' }, logFrom };
  } finally {
    await output.close();
  }
}

/** @returns where in the log the coming start begins */
async function makeRoom(log: string): Promise<number> {
  const size = await stat(log).then(
    (file) => file.size,
    () => 0,
  );
  if (size < LOG_LIMIT_BYTES) return size;
  await rename(log, `${log}.1`);
  return 0;
}

export const lastLines = (text: string, count: number): string =>
  text
    .split('\n')
    .filter((line) => line.trim())
    .slice(-count)
    .join('\n');

/** What a server may see of our environment. The user's PG*, TEMPORAL_*, NODE_* and NGINX would lead it astray. */
export function plainEnvironment(): Record<string, string> {
  const { PATH = '/usr/bin:/bin', HOME = '/', TMPDIR } = process.env;
  return { PATH, HOME, LC_ALL: 'C', ...(TMPDIR ? { TMPDIR } : {}) };
}
