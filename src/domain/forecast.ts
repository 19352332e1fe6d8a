import type { Backup } from './backup.js';
import { linesOf } from './page.js';
import { closesSite, type ProcedureName } from './plan.js';
import type { RunRecord } from './record.js';
import { type Measurements, slowest, type Rehearsal, type RehearsedRevision } from './rehearsal.js';
import { bytes, duration } from './units.js';

/**
 * How long it will take, told from what was measured. Milliseconds. It is shown with the plan and is no part of
 * its hash: it is another each time.
 */
export interface Forecast {
  /** As long as the first backup took; the one with the site closed will be like it. */
  backUp: number;
  /** As long as all revisions took on the copy. */
  migrate: number;
  /** As long as the rest of the closure took at the last deploy on record; null: there is none. */
  rest: number | null;
  /** How long the site will be closed, as far as it is known; null: it stays open. */
  closed: number | null;
  /** Taking the schema back, on the copy; null: not tried. */
  goBack: number | null;
  /** Restoring the backup. */
  restore: number;
  /** What it takes besides time, and whom it keeps waiting; absent in rehearsals of before 0.3. */
  measured?: Measurements;
  /** At most 10 revisions, in the order of the plan. */
  slowest: readonly RehearsedRevision[];
  /** Names the file with every statement that was rehearsed, see `read`. */
  rehearsal: string;
}

/** The backup that the rehearsal restored, and so proved. */
export interface ProvedBackup extends Pick<Backup, 'path' | 'bytes' | 'sha256'> {
  takenAt: string;
  /** L3: restored, and compared with its manifest. */
  level: 'L3';
}

const REVISIONS = 10;

/** Steps that are done while the site is closed, besides backing up and migrating. */
const REST: readonly string[] = ['maintenance on', 'verify', 'deploy', 'health', 'maintenance off'];

/** @param records - of the target, newest first */
export function forecastOf(
  procedure: ProcedureName,
  rehearsal: Rehearsal,
  backup: Backup,
  records: readonly RunRecord[],
): Forecast {
  const backUp = Math.max(0, Date.parse(backup.finishedAt) - Date.parse(backup.startedAt));
  const rest = lastRest(records);
  const { measured } = rehearsal;
  const scale = scaleOf(rehearsal);
  const grown = (ms: number) => Math.round(ms * scale);
  const migrate = grown(rehearsal.forwardMs);
  return {
    backUp,
    migrate,
    rest,
    closed: closesSite(procedure) ? backUp + migrate + (rest ?? 0) : null,
    goBack: rehearsal.backMs === null ? null : grown(rehearsal.backMs),
    restore: rehearsal.restoreMs,
    ...(measured ? { measured: scaled(measured, grown) } : {}),
    slowest: slowest(rehearsal.revisions, REVISIONS),
    rehearsal: /([0-9a-f]{64})\.json$/.exec(rehearsal.file)?.[1] ?? '',
  };
}

/** Smaller growth than this is within what two runs of the same differ by. */
const GROWN = 1.05;

/** The live database has grown since the backup: what reads or writes all of a table takes longer by as much. */
function scaleOf({ bytes: copied, measured }: Rehearsal): number {
  const scale = measured && copied > 0 ? measured.liveBytes / copied : 1;
  return scale > GROWN ? scale : 1;
}

const MOST_LOCKS = 5;

const scaled = (measured: Measurements, grown: (value: number) => number): Measurements => ({
  ...measured,
  locks: measured.locks.slice(0, MOST_LOCKS).map((lock) => ({ ...lock, heldMs: grown(lock.heldMs) })),
  rewritten: measured.rewritten.slice(0, MOST_LOCKS),
  walBytes: grown(measured.walBytes),
  diskBytes: grown(measured.diskBytes),
  temporaryBytes: grown(measured.temporaryBytes),
});

/** What verifying, starting and asking for its health took when a release was last deployed; null: not known. */
export function lastRest(records: readonly RunRecord[]): number | null {
  const last = records.find(({ kind, outcome }) => kind === 'deploy' && outcome === 'done');
  if (!last) return null;
  return linesOf(last)
    .filter(({ name, state }) => state === 'done' && REST.includes(name))
    .reduce((sum, { ms = 0 }) => sum + ms, 0);
}

export const provedBackup = ({ path, bytes, sha256, startedAt }: Backup): ProvedBackup => ({
  ...{ path, bytes, sha256, takenAt: startedAt, level: 'L3' },
});

export const backupText = ({ path, bytes: size, takenAt, level }: ProvedBackup): string =>
  `${bytes(size)} in ${path}, as of ${takenAt.slice(0, 19).replace('T', ' ')} UTC, proved (${level}): ` +
  'it was restored, and compared with its manifest';

/** The forecast in sentences, the most important first: forward, back, then each revision. */
export function forecastLines(forecast: Forecast): string[] {
  const { migrate, goBack, restore } = forecast;
  const back = goBack === null ? 'the way back was not tried' : `the downgrade took ${duration(goBack)}`;
  return [
    forecast.closed === null
      ? `the site stays open; the migration took ${duration(migrate)} on the copy`
      : closedText(forecast, forecast.closed),
    `going back: ${back}, restoring the backup ${duration(restore)}${besideClosure(forecast)}`,
    ...(forecast.measured ? measuredLines(forecast.measured) : []),
    ...forecast.slowest.map(revisionText),
  ];
}

function measuredLines({ locks, walBytes, diskBytes, temporaryBytes }: Measurements): string[] {
  const held = locks.map(({ name, lock, heldMs }) => `${name} ${lock} for ${duration(heldMs)}`);
  const temporary = temporaryBytes ? `, ${bytes(temporaryBytes)} of temporary files` : '';
  return [
    `locks that others wait for: ${held.join(', ') || 'none'}`,
    `it writes ${bytes(walBytes)} of WAL${temporary}; the database grows by ${bytes(diskBytes)}`,
  ];
}

/** Whoever goes back by a restore closes the site for longer than the change itself does: said before it is approved. */
const besideClosure = ({ closed, restore }: Forecast): string =>
  closed === null || restore <= closed ? '' : `, LONGER than the site will be closed (${duration(closed)})`;

function closedText({ backUp, migrate, rest }: Forecast, closed: number): string {
  const parts = `back up ${duration(backUp)}, migrate ${duration(migrate)}`;
  return rest === null
    ? `the site will be closed for ${duration(closed)} (${parts}), and as long as the release takes to start: ` +
        'no deploy on record says how long'
    : `the site will be closed for about ${duration(closed)}: ${parts}, ` +
        `verify and start ${duration(rest)} as at the last deploy`;
}

const revisionText = ({ revision, ms, longestStatement, longestStatementMs }: RehearsedRevision): string =>
  longestStatement
    ? `${revision} ${duration(ms)}, the longest statement ${duration(longestStatementMs)}: ${longestStatement}`
    : `${revision} ${duration(ms)}`;
