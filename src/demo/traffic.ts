/**
 * One request of a shopper, as bin/load.py writes it down. It was due `at` (milliseconds since 1970), sent `late`
 * milliseconds after that, and answered `ms` milliseconds after that.
 */
export interface Request {
  at: number;
  method: string;
  status: number | null;
  late: number;
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

const answeredAt = ({ at, ms }: Request): number => at + ms;
const isOk = ({ status }: Request): boolean => status !== null && status >= 200 && status < 300;
const isClosed = ({ status }: Request): boolean => status === 503;

/** The requests that were answered in a span of time. */
export const within = (requests: readonly Request[], { from, to }: Span): Request[] =>
  requests.filter((each) => answeredAt(each) >= from && answeredAt(each) < to);

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
  const first = requests.reduce((least, each) => Math.min(least, answeredAt(each)), Infinity);
  return requests.reduce((most, each) => Math.max(most, answeredAt(each)), 0) - first;
}

/** Requests that were answered 503 although at no moment of theirs the site was closed. */
export const closedOutside = (requests: readonly Request[], closures: readonly Span[]): Request[] =>
  requests
    .filter(isClosed)
    .filter(({ at, late, ms }) => !closures.some(({ from, to }) => at + late <= to && at + ms >= from));
