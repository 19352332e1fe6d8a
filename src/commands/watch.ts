import type { SeenNow } from '../domain/live.js';
import { wrongUse } from '../domain/problems/use.js';
import { homeAt, watchDatabase } from '../local.js';
import { seenText } from '../report/watch.js';
import type { GlobalOptions, Io } from './io.js';

export interface WatchOptions extends GlobalOptions {
  once?: boolean;
  every?: string;
}

const EVERY_SECONDS = 2;
const LONGEST_SECONDS = 3_600;
/** Moves to the top of a terminal, and clears what was there. */
const CLEAR = '\u001B[H\u001B[2J';

/**
 * Shows what goes on in a target's database until it is interrupted: who is active, who waits for a lock and behind
 * whom, how far long commands are, and what the newest migration has logged. With --json one line of JSON a look.
 *
 * @throws Problem `wrong-use`, those of the connection
 */
export async function watchCommand(
  targetName: string | undefined,
  options: WatchOptions,
  io: Io,
): Promise<number> {
  const everyMs = options.once ? null : secondsOf(options.every) * 1000;
  const target = homeAt(options.config).target(targetName);
  // A signal ends the process as it ends any other: there is nothing to put right.
  const { signal } = new AbortController();
  const show = (seen: SeenNow): void => {
    if (io.json) return io.out(target.mask(JSON.stringify({ schemaVersion: 1, ...seen })));
    io.out(`${io.interactive && everyMs !== null ? CLEAR : ''}${target.mask(seenText(seen))}\n`);
  };
  await watchDatabase(target, everyMs, { signal }, show, (why) => io.say(`${why}; trying again`));
  return 0;
}

function secondsOf(text = String(EVERY_SECONDS)): number {
  const seconds = Number(text);
  if (seconds >= 0.1 && seconds <= LONGEST_SECONDS) return seconds;
  throw wrongUse(`--every takes seconds, 0.1 to ${LONGEST_SECONDS}; got ${text.slice(0, 40)}`, 'watch');
}
