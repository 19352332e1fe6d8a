import { demo } from '../demo/demo.js';
import { demoInterrupted } from '../domain/problems/demo.js';
import type { GlobalOptions, Io } from './io.js';
import { cliPath } from './up.js';

export interface DemoFlags extends GlobalOptions {
  keep?: boolean;
  interactive?: boolean;
}

/** The whole of Lockkeeper on this machine: a sample application, real servers, real traffic. */
export async function demoCommand({ keep = false, interactive }: DemoFlags, io: Io): Promise<number> {
  const stop = new AbortController();
  const end = () => stop.abort(demoInterrupted());
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);
  // A terminal that was closed takes no words any more, and all must be stopped just the same.
  process.stdout.on('error', end);
  await demo({
    say: (text) => io.say(text),
    columns: (process.stdout.isTTY && process.stdout.columns) || Infinity,
    cli: cliPath(),
    keep,
    deciders: interactive ? (io.interactive ? 'terminal' : 'elsewhere') : 'demo',
    stop,
  });
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, done: true }));
  return 0;
}
