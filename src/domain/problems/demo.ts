import { Problem } from '../problem.js';
import { interrupted } from './use.js';

/** Something that the demo prepares did not work. */
export const demoStepFailed = (what: string, why: string) =>
  new Problem('demo-step-failed', {
    what: `the demo could not go on: ${what}`,
    why,
    next: [
      'mend what it says and start it again: it always begins at the beginning',
      'its folder is .lockkeeper/demo',
    ],
    retry: false,
  });

/** A part of the demo came to another end than it should. */
export const demoSurprise = (what: string) =>
  new Problem('demo-surprise', {
    what: `the demo came to another end than it should: ${what}`,
    next: ['read the report above', 'report it: this is a fault of Lockkeeper'],
    retry: false,
  });

/** Whoever sits there did not want a change of which the rest of the story is made. */
export const demoRejected = (part: string) =>
  new Problem('demo-rejected', {
    what: `you rejected ${part}: the shop is as it was before it, and what comes after it is not shown`,
    next: ['lockkeeper demo --interactive begins again'],
    retry: false,
  });

/** Somebody pressed Ctrl-C. */
export const demoInterrupted = () =>
  interrupted('all that the demo had started is stopped', ['lockkeeper demo']);
