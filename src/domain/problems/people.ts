import type { PlanSummary } from '../plan.js';
import { Problem } from '../problem.js';
import { duration } from '../units.js';

export const rejectedByPerson = (target: string) =>
  new Problem('rejected', {
    what: `the plan for ${target} was rejected`,
    next: [`the reason is in the report: lockkeeper report ${target}`],
    retry: false,
  });

export const endedByPerson = (target: string) =>
  new Problem('ended-by-person', {
    what: `a person chose to end the run of ${target}`,
    next: [`start again when it is time: lockkeeper deploy ${target}`],
    retry: false,
  });

export const nobodyDecided = (target: string, minutes: number) =>
  new Problem('expired', {
    what: `nobody decided about the plan for ${target} within ${minutes} minutes`,
    next: ['start again, and ask those who decide', 'approval.deadlineMinutes says how long a plan waits'],
    retry: false,
  });

/** A window opens only after the plan is too old. Told before people are asked. */
export const windowTooLate = (target: string, opens: string, expires: string, minutes: number) =>
  new Problem('window-too-late', {
    what: `the next window in which ${target} may be changed opens at ${opens}, and the plan may run until ${expires}`,
    why: `a plan is at most ${duration(minutes * 60_000)} old when its migration begins (approval.planAgeMinutes)`,
    next: [
      'start again nearer to the window',
      `or raise targets.${target}.approval.planAgeMinutes, or add a window, in lockkeeper.yaml`,
    ],
    retry: false,
  });

/** Nothing was changed: the migration had not begun. */
export const planTooOld = (target: string, ageMs: number, minutes: number) =>
  new Problem('plan-too-old', {
    what: `the plan is ${duration(ageMs)} old, and at most ${duration(minutes * 60_000)} are allowed`,
    why: 'what was checked, backed up and rehearsed is too old to rely on (approval.planAgeMinutes)',
    next: [`start again: it makes a new plan: lockkeeper deploy ${target}`],
    retry: false,
  });

/** Nothing was changed: the migration had not begun. */
export const windowOver = (target: string, opens: string) =>
  new Problem('window-over', {
    what: `the window in which ${target} may be changed is over; the next one opens at ${opens}`,
    why: 'the run was held up between the opening of the window and the migration, such as by a worker that was away',
    next: [`start again: lockkeeper deploy ${target}`],
    retry: false,
  });

/** Who asked for it may not approve it: so it must be said who did. */
export const requesterNeeded = ({ target, risk }: PlanSummary) =>
  new Problem('requester-needed', {
    what: `this change of ${target} is of ${risk} risk: whoever asks for it may not approve it, and nobody said who asks`,
    next: [
      'start again with your name in the input: "requestedBy":"you@example.com"',
      `or by the CLI, which names you: lockkeeper deploy ${target}`,
    ],
    retry: false,
  });

/** No window ever opens. */
export const noWindow = (target: string, why: string) =>
  new Problem('no-window', {
    what: `no window opens in which ${target} may be changed`,
    why,
    next: ['correct windows in lockkeeper.yaml', 'start again nearer to the window'],
    retry: false,
  });

/** One is open now, and it has no end. */
export const neverCloses = (target: string, windows: string) =>
  new Problem('no-window', {
    what: `there is no later window in which ${target} may be changed`,
    why: `one is open all the time: ${windows}`,
    next: [`choose something else: lockkeeper status ${target} shows what there is`],
    retry: false,
  });

/** The plan is approved and migrates: what is asked is what to do about a lock. */
export const blockedAsks = (target: string) =>
  new Problem('blocked-asks', {
    what: `the plan of ${target} is approved, and its migration waits for a lock that others hold`,
    next: [
      `see who: lockkeeper status ${target}`,
      `then choose: lockkeeper choose wait|budget|cancel|window|give-up ${target}`,
    ],
    retry: false,
  });

export const nobodyAsked = (target: string) =>
  new Problem('nobody-asked', {
    what: `the run of ${target} waits for no decision`,
    next: [`see what it does: lockkeeper status ${target}`],
    retry: false,
  });

/** Nobody sits there who could be asked, so the plan that is meant must be named. */
export const planToApprove = (target: string, verb: string, hash: string) =>
  new Problem('plan-to-approve', {
    what: `say which plan you mean, so that nobody ${verb}s by accident: nobody sits here who could be asked`,
    next: [`read it above, then: lockkeeper ${verb} ${target} --plan ${hash}`],
    retry: false,
  });

/** The site is closed, and somebody writes all the same: restoring would lose it. */
export const writtenWhileClosed = (target: string, moved: readonly string[]) =>
  new Problem('written-while-closed', {
    what: `${target} was written to while its site was closed`,
    why: moved.join('; '),
    next: ['find out who writes, and add how to stop it to closure.stop', 'start again'],
    retry: false,
  });

/** A high-risk change runs with the site closed, and nothing says how it is closed. */
export const mustBeClosed = ({ target, risk, findings }: PlanSummary) =>
  new Problem('must-be-closed', {
    what: `this change of ${target} is of ${risk} risk: it runs with the site closed, and ${target} has no closure`,
    ...(findings[0] ? { why: findings[0] } : {}),
    next: [
      `lockkeeper check ${target} shows every finding and a safer way`,
      `or set targets.${target}.closure: how the site is closed (docs/configuration.md, docs/production.md)`,
    ],
    retry: false,
  });
