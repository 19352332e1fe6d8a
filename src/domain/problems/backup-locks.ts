import { Problem } from '../problem.js';
import { count, duration } from '../units.js';
import { listed } from './backup.js';

/** Another session keeps a lock that even reading must wait for. We gave way. */
export const backupBlocked = (waitedMs: number, blockers: readonly string[]) =>
  new Problem('backup-blocked', {
    what: `the backup could not lock all tables within ${duration(waitedMs)}, and gave way`,
    ...(blockers.length ? { why: `in the way: ${blockers.join('; ')}` } : {}),
    next: [
      'wait until that is done, then start again',
      'or end it, if nobody needs it: SELECT pg_terminate_backend(<pid>)',
    ],
    retry: true,
  });

/** Others waited for our locks, and the whole site behind them. We ended the dump. */
export const backupGaveWay = (waitedMs: number, waiting: readonly string[]) =>
  new Problem('backup-gave-way', {
    what: `the backup gave way: for ${duration(waitedMs)} others had waited for its locks`,
    why: `they wait: ${listed(waiting)}`,
    next: [
      'start again when they are done',
      'or let others wait for longer: backup.giveWayAfterSeconds in lockkeeper.yaml',
    ],
    retry: true,
  });

/** A session that changes the schema has Lockkeeper's lock. */
export const changeIsRunning = ({ pid, applicationName }: { pid: number; applicationName: string }) =>
  new Problem('backup-during-change', {
    what: `a change of this database is running: pid ${pid}${applicationName ? ` (${applicationName})` : ''} has Lockkeeper's lock`,
    next: ['wait until it is done, then start again: lockkeeper status'],
    retry: true,
  });

/** Two dumps at once are twice the load, and twice the locks. */
export const backupIsRunning = (holder: { pid: number; applicationName: string } | undefined) =>
  new Problem('backup-running', {
    what: `another backup of this database is running${holder ? `: pid ${holder.pid} (${holder.applicationName})` : ''}`,
    next: ['wait until it is done, then start again'],
    retry: true,
  });

/** Tables came and went as fast as we looked. */
export const tablesKeepChanging = (tries: number) =>
  new Problem('tables-keep-changing', {
    what: `tables were made or dropped each of ${tries} times that the backup began`,
    next: ['see who does that: SELECT * FROM pg_stat_activity', 'start again when it is done'],
    retry: true,
  });

export const tooManyLocks = (tables: number, why: string) =>
  new Problem('too-many-locks', {
    what: `the server has no room for locks on ${count(tables, 'table')}`,
    why,
    next: ['raise max_locks_per_transaction and restart the server'],
    retry: false,
  });

/** Sessions of an earlier attempt do not end: two dumps must not run at once. */
export const leftOversStay = (pids: readonly number[]) =>
  new Problem('backup-left-overs', {
    what: `${count(pids.length, 'session')} of an earlier attempt at this backup would not end`,
    why: `pids ${pids.join(', ')}`,
    next: [
      `as their role or a superuser: ${pids.map((pid) => `SELECT pg_terminate_backend(${pid})`).join('; ')}`,
    ],
    retry: true,
  });

/** Vacuum can clear nothing away as long as a snapshot lives. */
export const backupTooLong = (ms: number) =>
  new Problem('backup-too-long', {
    what: `the backup was ended after ${duration(ms)}: as long as it runs, vacuum can clear nothing away`,
    next: [
      'let it run for longer (backup.longestMinutes), or by more sessions (backup.jobs), in lockkeeper.yaml',
      'start again when the server has less to do',
    ],
    retry: false,
  });
