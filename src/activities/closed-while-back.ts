import { lastRest } from '../domain/forecast.js';
import type { RunRecord } from '../domain/record.js';
import type { Move } from '../domain/rollback.js';
import { duration } from '../domain/units.js';

/**
 * How long the site will be closed for a rollback, in words: what the downgrades took when they were rehearsed, and the
 * rest of the closure at the last deploy.
 *
 * @param records - of the target, newest first
 */
export function closedWhileBack(moves: readonly Move[], records: readonly RunRecord[]): string {
  const rehearsed = moves.flatMap(({ plan }) => plan.forecast?.goBack ?? []);
  const rest = lastRest(records);
  const sum = rehearsed.reduce((ms, each) => ms + each, 0);
  const unknown = moves.filter(({ plan }) => plan.revisions > 0).length > rehearsed.length;
  const parts = [
    rehearsed.length > 0
      ? `its downgrades took ${duration(sum)} on the copy`
      : 'no downgrade of it was rehearsed',
    rest === null
      ? 'how long the release takes to start is not known'
      : `verify and start ${duration(rest)} as at the last deploy`,
  ];
  const closed =
    rest === null || unknown
      ? 'the site will be closed, for how long is not known'
      : `the site will be closed for about ${duration(sum + rest)}`;
  return `${closed}: ${parts.join(', ')}`;
}
