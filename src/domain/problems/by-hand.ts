import { Problem } from '../problem.js';
import { shortRun } from '../run-id.js';

/** A person does by hand what is left of a run: its steps keep their hands off. */
export const doneByHand = (target: string, runId: string) =>
  new Problem('done-by-hand', {
    what: `run ${shortRun(runId)} of ${target} does nothing more: a person does the rest by hand`,
    next: [
      `what is left: lockkeeper explain ${target}`,
      `when all is done, end the run: lockkeeper stop ${target} --done-by-hand --note "…"`,
      `or let the run undo the rest by itself: lockkeeper emergency fix ${target}`,
    ],
    retry: false,
  });

/** Nobody knows of a run of the target. */
export const nothingToExplain = (target: string) =>
  new Problem('no-record', {
    what: `no run of ${target} is known in the state folder: nothing is open`,
    next: [
      'see whether stateDir in lockkeeper.yaml is the one of the worker',
      `how the site stands: lockkeeper watchdog`,
    ],
    retry: false,
  });

/** There is no run that came to no end. */
export const nothingToFix = (target: string) =>
  new Problem('nothing-to-fix', {
    what: `no run of ${target} has left anything open, as far as the state folder knows`,
    next: [
      `how it stands: lockkeeper emergency status ${target}`,
      `its last run: lockkeeper report ${target}`,
    ],
    retry: false,
  });

/** A restore is settled by another one, or by its commands. */
export const restoreToFix = (target: string, runId: string) =>
  new Problem('restore-to-fix', {
    what: `run ${shortRun(runId)} of ${target} was a restore: whether its database has taken the name is all there is to settle`,
    next: [`by hand: lockkeeper explain ${target}`, `or start it again: lockkeeper restore ${target}`],
    retry: false,
  });

/** A downgrade would come to the same schema, and leave the data lost. */
export const onlyARestore = (target: string, seen: string) =>
  new Problem('only-a-restore', {
    what: `${target} cannot be put back by a downgrade: the change was of very high risk, and only the backup brings back what it removed`,
    why: seen,
    next: [
      `restore the backup that was taken with the site closed, by hand: lockkeeper explain ${target}`,
      `or by a run: lockkeeper restore ${target} --backup latest`,
      `or go on to what was meant: lockkeeper emergency fix ${target} --go-on`,
    ],
    retry: false,
  });

/** A run that lives and works decides for itself. */
export const runLives = (target: string, state: string) =>
  new Problem('run-lives', {
    what: `the run of ${target} lives (${state}): there is nothing to settle`,
    next: [`watch it: lockkeeper status ${target} --watch`, `end it: lockkeeper cancel ${target}`],
    retry: false,
  });

/** It is kept from going on, and has not noticed yet. */
export const notYetRepair = (target: string, state: string) =>
  new Problem('not-yet-repair', {
    what: `the run of ${target} is kept from going on, and is not yet at the gate repair, where it can be told to (${state})`,
    why: 'each of its steps must first come to its end, or to its deadline',
    next: [
      `watch it: lockkeeper status ${target} --watch`,
      `then call this again: lockkeeper emergency fix ${target}`,
    ],
    retry: false,
  });

/** What a person has repaired is not yet what an undo can go on from. */
export const notRepaired = (target: string, seen: string) =>
  new Problem('not-repaired', {
    what: `the database of ${target} is neither as before nor as after the migration`,
    why: seen,
    next: [
      'put these objects right by hand, then call this again',
      `or have the undo tried as it is: lockkeeper retry ${target}`,
      `or do the rest by hand: lockkeeper explain ${target}`,
    ],
    retry: false,
  });
