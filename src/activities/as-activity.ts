import type { Closer } from '../domain/closure.js';
import type { RunInput } from '../domain/steps.js';
import { alive } from './alive.js';
import { alone } from './alone.js';
import type { Home } from './home.js';
import { journalled } from './journal.js';
import { onceReadable } from './settings-gone.js';
import { untilByHand } from './until-by-hand.js';
import type { Work } from './work.js';

type Step<I, R> = (home: Home, input: I, work: Work) => Promise<R>;

/** How steps are made activities of Temporal's. */
export const activitiesAt = (home: Home) => ({
  /** One that a target does at a time. In a run it waits for settings that cannot be read; by hand it says so. */
  activity:
    <I extends RunInput, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => {
        const act = () => oneAtATime(home, step, input, work);
        return isByHand(input) ? act() : onceReadable(work, act);
      }),
  /** One that begins a run: what cannot begin is told so at once. */
  first:
    <I extends RunInput, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => oneAtATime(home, step, input, work)),
  /** For what lives beside the target's run, as the alarm of a closure does: it must not end a step of that. */
  beside:
    <I, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => step(home, input, work)),
  /** The same for what only watches, until something happens: it ends with its worker, and the next one goes on. */
  watching:
    <I, R>(step: Step<I, R>) =>
    (input: I): Promise<R> =>
      alive((work) => onceReadable(work, () => step(home, input, work)), { endsWithWorker: true }),
});

const isByHand = (input: RunInput): boolean => (input as Partial<Closer>).kind === 'hand';

/** By hand, and so beside a run: in a lane of its own. */
const laneOf = (input: RunInput): RunInput =>
  isByHand(input) ? { ...input, target: `${input.target}.hand` } : input;

const oneAtATime = <I extends RunInput, R>(home: Home, step: Step<I, R>, input: I, work: Work): Promise<R> =>
  alone(home, laneOf(input), work, (inner) =>
    journalled(home, step.name, input, inner, () => {
      if (AFTER_ALL.includes(step.name)) return step(home, input, inner);
      return untilByHand(home, input, inner, (each) => step(home, input, each));
    }),
  );

/** What a run does that a person has ended: it keeps its record, and no more. */
const AFTER_ALL: readonly string[] = ['keepRecord'];
