import { Problem } from '../problem.js';
import { bytes, duration } from '../units.js';

const UNDONE = 'what was not committed was rolled back';

/** Others wait for a lock of ours for longer than was approved. @param who - the longest first, in words */
export const othersWaitTooLong = (
  waitedMs: number,
  budgetMs: number,
  who: readonly string[],
  statement: string,
) =>
  new Problem('others-wait-too-long', {
    what:
      `the migration was stopped: others waited ${duration(waitedMs)} for its locks, and ${duration(budgetMs)} are ` +
      `approved; ${UNDONE}`,
    why: `${who.join('; ')}${statement ? `; it ran: ${statement}` : ''}`,
    next: [
      'make the statement shorter, or commit before it: transaction_per_migration, an autocommit_block, batches',
      'or start again at a quieter time, or with a larger alembic.stallBudgetMs in lockkeeper.yaml',
    ],
    retry: false,
  });

/** A standby falls behind: whoever reads from it reads what is old, and a failover would lose it. */
export const replicationLags = (lagMs: number, seconds: number) =>
  new Problem('replication-lags', {
    what:
      `the migration was stopped: a standby is ${duration(lagMs)} behind, and alembic.limits.lagSeconds allows ` +
      `${seconds} s; ${UNDONE}`,
    next: [
      'look at the standby: select * from pg_stat_replication',
      'start again when it has caught up, with smaller steps, or raise alembic.limits.lagSeconds',
    ],
    retry: false,
  });

/** The server's disk fills up. */
export const diskRunsFull = (folder: string, free: number, least: number) =>
  new Problem('disk-runs-full', {
    what:
      `the migration was stopped: ${bytes(free)} are free in ${folder}, and alembic.limits.diskFreeGiB wants ` +
      `${bytes(least)}; ${UNDONE}`,
    next: [
      `free space: df -h ${folder}`,
      'start again with room for it: lockkeeper check says how much is needed',
    ],
    retry: false,
  });
