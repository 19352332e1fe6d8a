import { Problem } from '../problem.js';

/** A workflow was started with something that it does not understand. */
export const badRequest = (why: string) =>
  new Problem('bad-request', {
    what: `the request was not understood: ${why}`,
    next: ['start it again with a corrected request'],
    retry: false,
  });

/** What would run is no longer what the plan says. */
export const planChanged = (planHash: string, differences: readonly string[]) =>
  new Problem('plan-changed', {
    what: `plan ${planHash.slice(0, 12)} no longer holds`,
    why: differences.join('; '),
    next: ['start again: it makes a new plan'],
    retry: false,
  });

/** Nothing in the records says how to go back from here. */
export const nothingToRollBack = (target: string, why: string) =>
  new Problem('nothing-to-roll-back', {
    what: `there is no deploy of ${target} to roll back`,
    why,
    next: [`lockkeeper report ${target} shows the last run`],
    retry: false,
  });

/** Going back would throw away what was written since. */
export const rollbackWouldLose = (target: string, losses: readonly string[]) =>
  new Problem('rollback-would-lose', {
    what: `rolling ${target} back would lose what was written since`,
    why: losses.join('; '),
    next: [
      'copy away what is in there, empty it, and roll back again',
      'or go forward: the release before may run on this schema as it is',
    ],
    retry: false,
  });
