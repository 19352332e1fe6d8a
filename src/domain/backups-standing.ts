import { lastProven, type Proof } from './backup.js';
import { duration } from './units.js';

/** How the backups of a target stand, for lists and alarms. */
export interface BackupsStanding {
  /** `overdue`: the newest proven one is older than allowed, or there is none although one is asked for. */
  state: 'proven' | 'overdue' | 'not proven';
  /** In words. */
  says: string;
}

/**
 * @param backups - of a target, the newest first
 * @param alarmAfterHours - how old the newest proven one may be; undefined: as old as it likes
 * @param now - milliseconds since 1970
 */
export function standingOf(
  backups: readonly { id: string; startedAt: string; proofs: readonly Proof[] }[],
  alarmAfterHours: number | undefined,
  now: number,
): BackupsStanding {
  const proven = backups.find(({ proofs }) => lastProven(proofs));
  const allowed = alarmAfterHours === undefined ? '' : `, and ${alarmAfterHours} h are allowed`;
  if (!proven) {
    const state = alarmAfterHours === undefined ? 'not proven' : 'overdue';
    return { state, says: `no backup was ever restored and compared${allowed}` };
  }
  const age = Math.max(0, now - Date.parse(proven.startedAt));
  const late = alarmAfterHours !== undefined && age > alarmAfterHours * 3_600_000;
  return {
    state: late ? 'overdue' : 'proven',
    says: `the newest proven backup, ${proven.id}, is ${duration(age)} old${allowed}`,
  };
}
