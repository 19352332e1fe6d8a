/** One request of a shopper, as bin/load.py writes it down. Times in milliseconds; `at` since 1970. */
export interface Request {
  at: number;
  method: string;
  status: number | null;
  ms: number;
}

/** From when to when, in milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

export interface Traffic {
  ok: number;
  /** Answered 503: the shop was closed. */
  closed: number;
  failed: number;
  slowestMs: number;
  /** From the first answer 503 to the last. */
  closedMs: number;
}

const isOk = ({ status }: Request): boolean => status !== null && status >= 200 && status < 300;
const isClosed = ({ status }: Request): boolean => status === 503;

/** The requests that were due in a span of time. */
export const within = (requests: readonly Request[], { from, to }: Span): Request[] =>
  requests.filter(({ at }) => at >= from && at < to);

/** What requests came to. */
export function trafficOf(requests: readonly Request[]): Traffic {
  const closed = requests.filter(isClosed);
  const ok = requests.filter(isOk).length;
  return {
    ok,
    closed: closed.length,
    failed: requests.length - ok - closed.length,
    slowestMs: requests.reduce((most, { ms }) => Math.max(most, ms), 0),
    closedMs: lengthOf(closed),
  };
}

function lengthOf(requests: readonly Request[]): number {
  if (!requests.length) return 0;
  const first = requests.reduce((least, { at }) => Math.min(least, at), Infinity);
  return requests.reduce((most, { at, ms }) => Math.max(most, at + ms), 0) - first;
}

/** Requests that were answered 503 although at no moment of theirs the site was closed. */
export const closedOutside = (requests: readonly Request[], closures: readonly Span[]): Request[] =>
  requests
    .filter(isClosed)
    .filter(({ at, ms }) => !closures.some(({ from, to }) => at <= to && at + ms >= from));
