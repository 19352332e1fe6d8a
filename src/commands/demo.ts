import { demo } from '../demo/demo.js';
import type { GlobalOptions, Io } from './io.js';
import { cliPath } from './up.js';

/** The whole of Lockkeeper on this machine: a sample application, real servers, real traffic. */
export async function demoCommand(options: GlobalOptions & { keep?: boolean }, io: Io): Promise<number> {
  await demo({ say: (text) => io.say(text), cli: cliPath(), keep: options.keep ?? false });
  return 0;
}
