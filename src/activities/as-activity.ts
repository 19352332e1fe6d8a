import type { RunInput } from '../domain/steps.js';
import { alive } from './alive.js';
import { alone } from './alone.js';
import type { Home } from './home.js';
import { journalled } from './journal.js';
import { onceReadable } from './settings-gone.js';
import type { Work } from './work.js';

type Step<I, R> = (home: Home, input: I, work: Work) => Promise<R>;

/** How steps are made activities of Temporal's. */
export const activitiesAt = (home: Home) => ({
  /** One that a target does at a time, in a run that has begun. */
  activity:
    <I extends RunInput, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => onceReadable(work, () => oneAtATime(home, step, input, work))),
  /** One that begins a run: what cannot begin is told so at once. */
  first:
    <I extends RunInput, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => oneAtATime(home, step, input, work)),
  /** One that may happen beside another of the same target, and must not end it. */
  beside:
    <I extends RunInput, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => onceReadable(work, () => inJournal(home, step, input, work))),
});

const oneAtATime = <I extends RunInput, R>(home: Home, step: Step<I, R>, input: I, work: Work): Promise<R> =>
  alone(home, input, work, (inner) => inJournal(home, step, input, inner));

const inJournal = <I extends RunInput, R>(home: Home, step: Step<I, R>, input: I, work: Work): Promise<R> =>
  journalled(home, step.name, input, work, () => step(home, input, work));
