import { demo } from '../demo/demo.js';
import { interrupted } from '../domain/problems/use.js';
import type { GlobalOptions, Io } from './io.js';
import { cliPath } from './up.js';

/** The whole of Lockkeeper on this machine: a sample application, real servers, real traffic. */
export async function demoCommand(options: GlobalOptions & { keep?: boolean }, io: Io): Promise<number> {
  const stop = new AbortController();
  const end = () => stop.abort(interrupted('all that the demo had started is stopped', ['lockkeeper demo']));
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  await demo({
    say: (text) => io.say(text),
    cli: cliPath(),
    keep: options.keep ?? false,
    signal: stop.signal,
  });
  if (io.json) io.out(JSON.stringify({ schemaVersion: 1, done: true }));
  return 0;
}
