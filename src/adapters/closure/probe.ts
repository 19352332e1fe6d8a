import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSURE_HEADER, SNIPPET_HEADER } from '../../domain/closure.js';
import { PEER_HEADER } from '../../domain/nginx-peers.js';

/** What a site answered. */
export interface Seen {
  status: number;
  /** The target that our header names, null without the header. */
  closure: string | null;
  /** Whether our lines in nginx's configuration answered, open. */
  byNginx: boolean;
  /** The address that serves, where that was asked. */
  peer: string | null;
}

/** How a site is asked; default: a plain GET. */
export interface Asking {
  method?: string;
  headers?: Readonly<Record<string, string>>;
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
export function look(
  url: string,
  signal: AbortSignal,
  { method = 'GET', headers = {} }: Asking = {},
): Promise<Seen | string> {
  signal.throwIfAborted();
  const request = url.startsWith('https:') ? encrypted : plain;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { agent: false, signal, method, headers: { 'cache-control': 'no-cache', ...headers } },
      (answer) => {
        answer.destroy();
        const header = (name: string) => {
          const value = answer.headers[name.toLowerCase()];
          return value === undefined ? null : String(value);
        };
        resolve({
          status: answer.statusCode ?? 0,
          closure: header(CLOSURE_HEADER),
          byNginx: header(SNIPPET_HEADER) !== null,
          peer: header(PEER_HEADER),
        });
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
  { waitMs, signal, asking }: { waitMs: number; signal: AbortSignal; asking?: Asking },
): Promise<Seen | string | null> {
  const until = performance.now() + waitMs;
  let inARow = 0;
  let other: Seen | string = 'nothing was answered';
  for (;;) {
    const seen = await look(url, signal, asking);
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
