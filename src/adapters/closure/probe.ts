import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSURE_HEADER } from '../../domain/closure.js';

/** What a site answered. `closure`: the target that our header names, null without the header. */
export interface Seen {
  status: number;
  closure: string | null;
}

const ANSWER_MS = 5_000;
const EVERY_MS = 100;
/** So many answers in a row, each on a new connection: nginx's workers do not have to agree. */
const IN_A_ROW = 5;

/**
 * Asks a site once, on a connection of its own, without following redirects.
 *
 * @returns what it answered, or in words why nothing came
 */
export function look(url: string, signal: AbortSignal): Promise<Seen | string> {
  signal.throwIfAborted();
  const request = url.startsWith('https:') ? encrypted : plain;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { agent: false, signal, headers: { 'cache-control': 'no-cache' } },
      (answer) => {
        answer.destroy();
        const closure = answer.headers[CLOSURE_HEADER.toLowerCase()];
        resolve({ status: answer.statusCode ?? 0, closure: closure === undefined ? null : String(closure) });
      },
    );
    asked.setTimeout(ANSWER_MS, () =>
      asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} seconds`)),
    );
    asked.on('error', (error: NodeJS.ErrnoException) =>
      signal.aborted ? reject(signal.reason as Error) : resolve(whyNot(error)),
    );
    asked.end();
  });
}

const whyNot = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ECONNREFUSED' ? 'nothing listens there (connection refused)' : message || (code ?? 'no answer');

/**
 * Asks a site until it answers as wanted several times in a row.
 *
 * @returns null, or the last answer that was not as wanted
 */
export async function untilSeen(
  url: string,
  isWanted: (seen: Seen) => boolean,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal },
): Promise<Seen | string | null> {
  const until = performance.now() + waitMs;
  let inARow = 0;
  let other: Seen | string = 'nothing was answered';
  for (;;) {
    const seen = await look(url, signal);
    const well = typeof seen !== 'string' && isWanted(seen);
    if (!well) other = seen;
    inARow = well ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return null;
    if (performance.now() >= until) return other;
    await sleep(well ? EVERY_MS / 10 : EVERY_MS, undefined, { signal });
  }
}

/** An answer in words. */
export const seenText = (seen: Seen | string): string =>
  typeof seen === 'string'
    ? seen
    : `it answered ${seen.status}, ${seen.closure === null ? 'without' : 'with'} the header ${CLOSURE_HEADER}` +
      (seen.closure === null ? '' : `: ${seen.closure}`);
