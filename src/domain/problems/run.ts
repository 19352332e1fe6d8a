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
