import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { clientEnvironment } from '../stack/environment.js';
import type { DemoPlace } from './place.js';

/** Calls the CLI as a user would, in the demo's folder, and shows what it prints. @returns its exit code */
export async function lockkeeper(
  cli: string,
  args: readonly string[],
  { home, stack, env }: DemoPlace,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<number> {
  say(`$ lockkeeper ${args.join(' ')}`);
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: home,
    env: { ...process.env, ...clientEnvironment(stack), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is the demo's to answer: this command would say that its run goes on.
    detached: true,
    signal,
    killSignal: 'SIGKILL',
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', say);
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
