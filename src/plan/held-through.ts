import type { HeldThrough } from '../domain/plan.js';
import type { TransactionRun } from '../rules/transaction-run.js';

/** The strong locks that one revision takes and that only a later one's end gives back. */
export const heldThrough = ({ ended }: TransactionRun): HeldThrough[] =>
  ended.flatMap(({ revisions, held }) => {
    const to = revisions.at(-1);
    return held.flatMap(({ name, lock, blocks, revision: from }) =>
      from === undefined || to === undefined || from === to ? [] : [{ name, lock, blocks, from, to }],
    );
  });
