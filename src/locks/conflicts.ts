import { lockModes, type LockMode } from '../domain/plan.js';

/** Which mode waits for which (https://www.postgresql.org/docs/current/explicit-locking.html, table 13.2). */
const conflicts: Record<LockMode, readonly LockMode[]> = {
  'ACCESS SHARE': ['ACCESS EXCLUSIVE'],
  'ROW SHARE': ['EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'ROW EXCLUSIVE': ['SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'],
  'SHARE UPDATE EXCLUSIVE': lockModes.slice(lockModes.indexOf('SHARE UPDATE EXCLUSIVE')),
  SHARE: lockModes.filter((mode) => !['ACCESS SHARE', 'ROW SHARE', 'SHARE'].includes(mode)),
  'SHARE ROW EXCLUSIVE': lockModes.slice(lockModes.indexOf('ROW EXCLUSIVE')),
  EXCLUSIVE: lockModes.slice(lockModes.indexOf('ROW SHARE')),
  'ACCESS EXCLUSIVE': lockModes,
};

/** The modes that whoever wants a lock in `mode` must wait for. */
export const conflictsWith = (mode: LockMode): readonly LockMode[] => conflicts[mode];

/** Whether reads or writes of ordinary queries wait for it, held or only queued for. */
export const stalls = (mode: LockMode): boolean => lockModes.indexOf(mode) >= lockModes.indexOf('SHARE');

/** Whether looking for whoever is in its way is worth while: readers and writers never are in the way of others. */
export const isStrong = (mode: LockMode): boolean =>
  lockModes.indexOf(mode) >= lockModes.indexOf('SHARE UPDATE EXCLUSIVE');
