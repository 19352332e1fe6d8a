import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from './command.js';

/**
 * Leads a process group, and ends when the program does. Whichever way the worker ends, its end of the pipe is closed
 * then, and all of the group ends: asked first, and 3 s later for good.
 */
const GUARD = `
exec 3<&0
trap : TERM INT HUP
"$@" 3<&- & program=$!
(trap '' TERM INT HUP; cat <&3 >/dev/null; kill -TERM 0; sleep 3; kill -KILL 0) &
while wait "$program"; code=$?; [ "$code" -gt 128 ] && kill -0 "$program" 2>/dev/null; do :; done
exit "$code"`;

const GRACE_MS = 3_000;

/** A program that runs until it ends or is stopped. */
export interface Guarded {
  /** How it ended by itself, in words; undefined: it runs. */
  ended(): string | undefined;
  /** Resolves when it has ended, with its exit code. */
  over: Promise<number | null>;
  /** Ends it with all that it has started, and waits. */
  stop(): Promise<void>;
}

export interface GuardedOptions {
  /** Told each line that it prints. */
  onLine: (line: string) => void;
  onStart?: (pid: number) => void;
}

/**
 * Starts a program that does not outlive us, in a process group of its own and with no other environment than the
 * command's.
 */
export function startGuarded(
  { file, args, env = {}, cwd = '/' }: Command,
  { onLine, onStart }: GuardedOptions,
): Guarded {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'lockkeeper', file, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [guard.stdin, guard.stdout, guard.stderr]) stream.on('error', () => undefined); // it is gone already
  for (const input of [guard.stdout, guard.stderr]) createInterface({ input }).on('line', onLine);
  let failed: string | undefined;
  const over = new Promise<number | null>((resolve) => {
    guard.on('exit', resolve);
    guard.on('error', ({ message }) => {
      failed = message;
      resolve(null);
    });
  });
  if (guard.pid) onStart?.(guard.pid);
  return { ended: () => failed ?? endOf(guard), over, stop: () => stop(guard, over) };
}

const endOf = ({ exitCode, signalCode }: ChildProcess): string | undefined =>
  exitCode !== null
    ? `it ended with exit code ${exitCode}`
    : signalCode !== null
      ? `it was ended by ${signalCode}`
      : undefined;

async function stop(guard: ChildProcess, over: Promise<unknown>): Promise<void> {
  if (guard.pid) {
    if (endOf(guard) === undefined) {
      send(guard.pid, 'SIGTERM');
      await Promise.race([over, sleep(GRACE_MS)]);
    }
    // What it has left, and the one that waits for our end.
    send(guard.pid, 'SIGKILL');
  }
  guard.stdin?.destroy();
  await over;
}

function send(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // All of it is gone.
  }
}
