import { progressText, rateTexts } from '../domain/live-text.js';
import type { LockWait, SeenLog, SeenNow, SessionNow } from '../domain/live.js';
import { duration } from '../domain/units.js';
import { tableText } from './table.js';

const QUERY_CHARS = 60;
const MOST = 20;

/** What goes on in a database, as a terminal shows it: the three looks that the runbook takes by hand, and more. */
export function seenText({ at, target, ours, sample, rates, log }: SeenNow): string {
  const { sessions, waits, progress, held } = sample;
  const rest = rateTexts(rates);
  return [
    [`${target}  ${at.slice(0, 19).replace('T', ' ')} UTC`, ...rest].join('   '),
    section('Active sessions', sessions.length, sessionRows(sessions, ours)),
    section('Waiting for locks', waits.length, waitRows(waits)),
    ...(held.length ? [listed('Locks that Lockkeeper holds', held)] : []),
    ...(progress.length
      ? [
          listed(
            'Progress',
            progress.map((each) => `pid ${each.pid}  ${progressText(each)}`),
          ),
        ]
      : []),
    log ? logText(log) : 'Migration log: none',
  ].join('\n\n');
}

function section(title: string, total: number, rows: readonly (readonly string[])[]): string {
  if (!total) return `${title}: none`;
  const shown = tableText(rows.slice(0, MOST + 1)).split('\n');
  const more = total > MOST ? [`and ${total - MOST} more: --json has up to 100`] : [];
  return listed(`${title}: ${total}`, [...shown, ...more]);
}

const listed = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join('\n');

const sessionRows = (sessions: readonly SessionNow[], ours: string): string[][] => [
  ['pid', 'user', 'application', 'state', 'transaction', 'query for', 'waits for', 'query'],
  ...sessions.map(({ pid, user, application, state, transactionMs, queryMs, waits, query }) => [
    `${pid}${application.startsWith(ours) ? ' *' : ''}`,
    user ?? '?',
    application || '-',
    state ?? '?',
    age(transactionMs),
    age(queryMs),
    waits ?? '-',
    cut(query),
  ]),
];

const waitRows = (waits: readonly LockWait[]): string[][] => [
  ['pid', 'application', 'wants', 'on', 'for', 'behind pid', 'query'],
  ...waits.map(({ pid, application, lock, on, waitedMs, blockedBy, query }) => [
    ...[String(pid), application || '-', lock, on, duration(Math.max(0, waitedMs))],
    blockedBy.join(', ') || '-',
    cut(query),
  ]),
];

const age = (ms: number | null): string => (ms === null ? '-' : duration(Math.max(0, ms)));

const cut = (query: string | null): string => {
  const text = query ?? '?';
  return text.length > QUERY_CHARS ? `${text.slice(0, QUERY_CHARS - 1)}…` : text;
};

/** The last lines of a migration's log. */
export const logText = ({ path, lines }: SeenLog): string =>
  listed(`Migration log: ${path}`, lines.map(lineText));

interface LogLine {
  at?: string;
  event?: string;
  text?: string;
  step?: string;
  revision?: string;
  index?: number;
  of?: number;
  sql?: string;
  ms?: number;
}

/** One line of a step's log for people; what is no JSON stands as it is. */
function lineText(line: string): string {
  const { at = '', event = '', ...more } = parsed(line);
  return event ? `${at.slice(11, 19)}  ${eventText(event, more).slice(0, 160)}` : line.slice(0, 160);
}

function eventText(
  event: string,
  { text, step = '', revision = '', index = 0, of = 0, sql = '', ms = 0 }: LogLine,
): string {
  if (event === 'log') return `${step} begins`;
  if (event === 'live') return text ?? '';
  if (event === 'step') return `revision ${revision} (${index + 1} of ${of})`;
  if (event === 'step_done') return `revision ${revision} done in ${duration(ms)}`;
  if (event === 'statement') return `${duration(ms)}  ${sql.replace(/\s+/g, ' ')}`;
  return event.replaceAll('_', ' ');
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}
