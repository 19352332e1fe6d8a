import { LOCK_BLOCKED, type Blocked, type BlockedReason, type Holder } from '../blocked.js';
import { Problem } from '../problem.js';
import { count, duration, few } from '../units.js';

/** A statement of a migration could not get its lock without making others wait for longer than was approved. */
export const lockBlocked = (blocked: Blocked): Problem =>
  new Problem(
    LOCK_BLOCKED,
    { what: whatOf(blocked), why: whyOf(blocked), next: nextOf(blocked), retry: false },
    blocked,
  );

const whatOf = (blocked: Blocked): string => {
  const { revision, relations, committed, midway, waitedMs, stalledMs, budgetMs } = blocked;
  const locks = relations.map(({ name, lock }) => `${lock} on ${name}`).join(', ');
  const stay = [...committed, ...(midway ? [`part of ${revision}`] : [])];
  const kept = stay.length ? `committed before, and kept: ${stay.join(', ')}` : 'nothing was changed';
  return (
    `revision ${revision} did not get ${locks || 'its lock'} in ${duration(waitedMs)} (others may have waited for ` +
    `${duration(stalledMs)} of the ${duration(budgetMs)} that the plan allows), and gave way; ${kept}`
  );
};

const reasons: Record<BlockedReason, string> = {
  holder: 'in the way',
  'no-gap': 'in the way, one after the other without a gap',
  budget: 'the stall budget is used up; in the way',
  wraparound: 'an autovacuum to prevent transaction id wraparound, which must not be cancelled',
  prepared: 'a prepared transaction, which no waiting ends',
};

const whyOf = ({ reason, holders }: Blocked): string =>
  `${reasons[reason]}: ${few(holders.map(holderText), 5).join('; ') || 'nobody that this role may see'}`;

/** A holder on one line: `pid 4711, user app, application worker, idle in transaction, for 31.0 s, ROW SHARE: SELECT 1`. */
export function holderText(holder: Holder): string {
  const { pid, prepared, user, application, state, transactionMs, mode, query } = holder;
  const parts = [
    prepared === undefined ? `pid ${pid}` : `prepared transaction ${prepared}`,
    ...(user ? [`user ${user}`] : []),
    ...(application ? [`application ${application}`] : []),
    ...(state ? [state] : []),
    ...(transactionMs === null ? [] : [`for ${duration(transactionMs)}`]),
    mode,
  ];
  return parts.join(', ') + (query ? `: ${query}` : '');
}

function nextOf({ reason, holders, needMs }: Blocked): string[] {
  if (reason === 'wraparound')
    return ['wait until that vacuum has ended: select * from pg_stat_progress_vacuum', 'start again then'];
  if (reason === 'prepared')
    return [
      ...holders.flatMap(({ prepared }) =>
        prepared === undefined ? [] : [`end it: ROLLBACK PREPARED '${prepared.replaceAll("'", "''")}'`],
      ),
      'its owner knows whether it may be committed instead; then start again',
    ];
  const pids = holders.filter(({ pid }) => pid > 0).map(({ pid }) => pid);
  return [
    'wait until they have ended, then start again',
    ...(pids.length
      ? [`or end ${count(pids.length, 'session')}: select pg_terminate_backend(${pids[0]})`]
      : []),
    `or choose a quieter time, or let others wait for longer${needMs === undefined ? '' : `, about ${duration(needMs)}`}: alembic.stallBudgetMs in lockkeeper.yaml`,
    ...(holders.some(({ backendStart, prepared }) => !backendStart && prepared === undefined)
      ? ['to see what they do: grant pg_read_all_stats to the role of database.url']
      : []),
  ];
}
