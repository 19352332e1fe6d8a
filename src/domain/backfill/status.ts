import type { Failure } from '../record.js';
import { minuteOf } from '../units.js';
import { code, words } from '../markdown.js';
import type { BackfillStanding, ParkedRow } from './definition.js';
import { etaOf, etaText, rateOf, type Stretch } from './eta.js';

export type BackfillState =
  'starting' | 'running' | 'held' | 'outside hours' | 'paused' | 'needs a person' | 'done' | 'stopped';

/** How a backfill stands, as its workflow tells. */
export interface BackfillStatus {
  target: string;
  name: string;
  state: BackfillState;
  /** Why, in words: who paused it, what holds it, what failed. */
  says: string;
  /** Null until it has begun. */
  standing: BackfillStanding | null;
  /** Numbers are of this time: ISO 8601, UTC. */
  at: string;
  /** The last ones, oldest first. */
  stretches: readonly Stretch[];
  /** People's limit; null: none. */
  rowsPerSecond: number | null;
  /** The first of the rows that are parked. */
  parked: readonly ParkedRow[];
  /** What should be known of the table. */
  notes: readonly string[];
  /** What people said to it, oldest first. */
  said: readonly string[];
  failure: Failure | null;
}

/** How far, how fast, until when: in one line. */
export function progressLine({
  standing,
  stretches,
}: Pick<BackfillStatus, 'standing' | 'stretches'>): string {
  if (!standing) return 'nothing is done yet';
  const { phase, pass, scanned, changed, estimate } = standing;
  if (phase === 'done') return `${changed} rows changed, ${endText(standing)}`;
  if (phase === 'parked') return `${changed} rows changed; tries the parked rows again`;
  // The planner's guess of a growing table may be behind what was seen of it.
  const all = Math.max(estimate, scanned);
  const share = all ? Math.floor((100 * scanned) / all) : 100;
  const rate = rateOf(stretches);
  const eta = etaOf(stretches, all - scanned);
  const what = phase === 'verify' ? 'compared' : pass > 1 ? `of pass ${pass}` : 'done';
  return [
    `about ${share} % ${what}: ${scanned} of about ${all} rows looked at, ${changed} changed`,
    ...(rate === null ? [] : [`${Math.round(rate)} rows a second`]),
    ...(eta && phase === 'rows' ? [`ends in ${etaText(eta)}`] : []),
  ].join('; ');
}

/** What is left at the end. */
export function endText({ left, differ, parked }: BackfillStanding): string {
  const rest = [
    ...(parked ? [`${parked} parked`] : []),
    ...(left ? [`${left} that the condition still finds`] : []),
    ...(differ ? [`${differ} that do not compare`] : []),
  ];
  if (rest.length) return `of the rows ${rest.join(', ')}`;
  return left === null ? 'nothing to compare' : '0 rows left, all compare';
}

/** Whether nothing is left to do for anybody. */
export const isClean = ({ left, differ, parked }: BackfillStanding): boolean => !left && !differ && !parked;

export const parkedText = ({ key, code: sqlstate, error }: ParkedRow): string =>
  `(${key.join(', ')}) ${sqlstate}: ${error}`;

/** Adds a stretch; the last ones tell how fast it goes. */
export const withStretch = (stretches: readonly Stretch[], one: Stretch): Stretch[] =>
  [...stretches, { rows: one.rows, ms: one.ms }].slice(-20);

/** The page that Temporal's Web UI shows of it: Markdown. */
export function backfillPage(status: BackfillStatus): string {
  const { target, name, state, says, parked, notes, said, failure, rowsPerSecond, at } = status;
  return [
    `## Backfill ${words(name)} of ${words(target)}: ${state}`,
    ...(says ? [words(says)] : []),
    '',
    `${words(progressLine(status))} (${minuteOf(at)} UTC)`,
    ...(rowsPerSecond === null ? [] : [`At most ${rowsPerSecond} rows a second.`]),
    ...(failure ? ['', '### What to do', ...failure.next.map((next) => `- ${code(next)}`)] : []),
    ...list('Parked rows', parked.slice(0, 8).map(parkedText)),
    ...list('To know', notes.slice(0, 6)),
    ...list('Said', said.slice(-6)),
    '',
    state === 'done' || state === 'stopped'
      ? ''
      : 'Send `pause`, `resume`, `rate` or `stop`, as signal or update: `{"by":"you@example.com"}`.',
  ].join('\n');
}

const list = (title: string, lines: readonly string[]): string[] =>
  lines.length ? ['', `### ${title}`, ...lines.map((line) => `- ${code(line)}`)] : [];
