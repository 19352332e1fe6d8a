import {
  pidsNamed,
  waitingFor,
  type LockWait,
  type ProgressNow,
  type Rates,
  type Sample,
  type SessionNow,
} from './live.js';
import { bytes, count, duration, few } from './units.js';

/** Where in its revisions a migration is, as far as it said: `revision 0002_total (1 of 2), statement 3 of 5`. */
export interface Place {
  revision: string;
  index: number;
  of: number;
  /** Statements that were done, and how many the plan has; null: not known. */
  done: number;
  statements: number | null;
}

/**
 * What a migration does now, in one line, the most important first.
 *
 * @param name - how the application names of its sessions begin
 * @param said - what it last said itself: shown while its session does nothing, as it waits before it sends something
 */
export function liveText(
  sample: Sample,
  rates: Rates,
  { place, said, name }: { place: Place | null; said: string; name: string },
): string {
  const pids = pidsNamed(sample, name);
  const own = sample.sessions.filter(({ pid }) => pids.includes(pid));
  const parts = [
    ...waitTexts(sample, pids),
    ...blockedTexts(waitingFor(sample, pids)),
    ...sample.progress.filter(({ pid }) => pids.includes(pid)).map(progressText),
    ...(sample.held.length ? [`holds ${few(sample.held, 2).join(', ')}`] : []),
    ...rateTexts(rates),
  ];
  const statements = own.flatMap(statementTexts);
  const head = statements.length ? [...(place ? [placeText(place)] : []), ...statements].join(': ') : said;
  return [head || 'between two statements', ...parts].join('; ');
}

const placeText = ({ revision, index, of, done, statements }: Place): string => {
  const known = statements !== null && done < statements;
  return `revision ${revision} (${index + 1} of ${of}), statement ${done + 1}${known ? ` of ${statements}` : ''}`;
};

const QUERY_CHARS = 80;

const statementTexts = ({ state, query, queryMs }: SessionNow): string[] => {
  if (state !== 'active' || !query) return [];
  const text = query.length > QUERY_CHARS ? `${query.slice(0, QUERY_CHARS - 1)}…` : query;
  return [queryMs === null ? text : `${text}, for ${duration(queryMs)}`];
};

/** For whom we wait, and how long. */
function waitTexts({ waits, sessions }: Sample, pids: readonly number[]): string[] {
  return waits
    .filter(({ pid }) => pids.includes(pid))
    .map(({ lock, on, waitedMs, blockedBy }) => {
      const who = few(
        blockedBy.map((pid) => whoText(pid, sessions)),
        2,
      ).join(', ');
      return `WAITS ${duration(waitedMs)} for ${lock} on ${on}, behind ${who || 'nobody who can be seen'}`;
    });
}

function whoText(pid: number, sessions: readonly SessionNow[]): string {
  const session = sessions.find((each) => each.pid === pid);
  if (pid === 0) return 'a prepared transaction';
  if (!session) return `pid ${pid}`;
  const { user, application, state, transactionMs } = session;
  const parts = [user, application, state, transactionMs === null ? '' : `for ${duration(transactionMs)}`];
  return `pid ${pid} (${parts.filter(Boolean).join(', ')})`;
}

const blockedTexts = (blocked: readonly LockWait[]): string[] =>
  blocked.length
    ? [`${count(blocked.length, 'session')} WAIT FOR IT, the longest ${duration(longestOf(blocked))}`]
    : [];

/** Milliseconds; 0 where nobody waits. */
export const longestOf = (waits: readonly LockWait[]): number =>
  Math.max(0, ...waits.map(({ waitedMs }) => waitedMs));

/** `create index on orders: building index, 45 %` */
export const progressText = ({ what, on, phase, share }: ProgressNow): string => {
  const how = [...(phase ? [phase] : []), ...(share === null ? [] : [`${Math.floor(share * 100)} %`])];
  return `${what} on ${on}${how.length ? `: ${how.join(', ')}` : ''}`;
};

/** WAL below this is noise. */
const LEAST_WAL = 1024 * 1024;

export const rateTexts = ({ walBytesPerSecond, lagMs }: Rates): string[] => [
  ...(walBytesPerSecond !== null && walBytesPerSecond >= LEAST_WAL
    ? [`WAL ${bytes(walBytesPerSecond)}/s`]
    : []),
  ...(lagMs ? [`replication lags ${duration(lagMs)}`] : []),
];
