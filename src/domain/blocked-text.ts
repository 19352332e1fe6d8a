import type { Blocked, Holder } from './blocked.js';
import { duration, few } from './units.js';

/** What it needs: `ACCESS EXCLUSIVE on orders`. */
export const neededText = ({ relations }: Blocked): string =>
  relations.map(({ name, lock }) => `${lock} on ${name}`).join(', ') || 'a lock';

/** Who holds it, without what they run: that may hold what users wrote, and goes out to those who are told. */
export function holdersText(blocked: Blocked): string {
  const who = few(blocked.holders.map(whoText), 3).join('; ') || 'somebody whom this role may not see';
  return `revision ${blocked.revision} needs ${neededText(blocked)}, held by ${who}`;
}

/** One holder without its query: `pid 4711 (app, worker), idle in transaction, for 31.0 s`. */
export function whoText({ pid, prepared, user, application, state, transactionMs }: Holder): string {
  const named = [user, application].filter(Boolean).join(', ');
  return [
    `${prepared === undefined ? `pid ${pid}` : `prepared transaction ${prepared}`}${named ? ` (${named})` : ''}`,
    ...(state ? [state] : []),
    ...(transactionMs === null ? [] : [`for ${duration(transactionMs)}`]),
  ].join(', ');
}

/** How long others had to wait for it so far, and what of its work stays. */
export function spentText({ revision, waitedMs, stalledMs, budgetMs, committed, midway }: Blocked): string {
  const kept = [...committed, ...(midway ? [`part of ${revision}`] : [])];
  return (
    `It waited for ${duration(waitedMs)}; others may have waited behind it for ${duration(stalledMs)} of ` +
    `${duration(budgetMs)} in all. ` +
    (kept.length
      ? `Its open transaction was rolled back; committed before, and kept: ${kept.join(', ')}.`
      : 'Its transaction was rolled back: nothing was changed.')
  );
}

/** What one longer attempt would need, where the readers were seen for long enough to tell. */
export const longerText = ({ needMs }: Pick<Blocked, 'needMs'>): string[] =>
  needMs === undefined
    ? []
    : [
        `One longer attempt would probably do: others would have waited for about ${duration(needMs)} in all then.`,
      ];

/** What people approve with a plan; nothing in plans of earlier versions. */
export const stallTexts = ({ stallBudgetMs }: { stallBudgetMs?: number }): string[] =>
  stallBudgetMs === undefined
    ? []
    : [`Stall budget: it may make others wait for its locks for ${duration(stallBudgetMs)} in all`];
