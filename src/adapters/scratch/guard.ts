import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { plainEnvironment } from '../run.js';
import { endServerIn } from './end.js';
import type { ScratchFolder } from './folder.js';

/**
 * The shell waits for the end of the worker, whichever way it ends; then nothing may be left. What it starts in the
 * background ignores SIGQUIT until it says otherwise: a server that has not come that far ends by SIGTERM. Each line
 * that it reads starts the server again, once it has stopped.
 */
const GUARD = `
"$1" -D "$2" >>"$3" 2>&1 & server=$!
trap : TERM INT HUP
while read -r again; do
  wait "$server"
  "$1" -D "$2" >>"$3" 2>&1 & server=$!
done
kill -TERM "$server" 2>/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$2"`;

/** Starts a server with a guard, in a process group of their own. */
export function startGuard(
  programs: string,
  data: string,
  folder: ScratchFolder,
  onStart?: (pid: number) => void,
): ChildProcess {
  const log = join(folder.path, 'log');
  const guard = spawn('/bin/sh', ['-c', GUARD, 'lockkeeper', join(programs, 'postgres'), data, log], {
    ...folder.as,
    cwd: '/',
    env: plainEnvironment(),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin?.on('error', () => undefined); // it is gone already
  guard.on('error', () => undefined); // told by `answers`
  if (guard.pid) onStart?.(guard.pid);
  return guard;
}

/** Starts the server again that was stopped. */
export const startAgain = (guard: ChildProcess): void => void guard.stdin?.write('again\n');

/** Ends both, whoever uses the server, and waits; its data is gone then. */
export async function endGuard(guard: ChildProcess, data: string): Promise<void> {
  await endServerIn(data);
  guard.stdin?.destroy();
  if (guard.pid && guard.exitCode === null && guard.signalCode === null) await once(guard, 'exit');
}
