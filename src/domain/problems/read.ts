import { Problem } from '../problem.js';
import type { Readable } from '../read.js';

const HASHES: Partial<Record<Readable, string>> = {
  rehearsal: 'forecast.rehearsal of the query plan',
  revision: 'sha256 of each revision in the plan',
  schema: 'fingerprint of the query plan',
};

/** Nothing of that name is in the state folder. */
export const nothingToRead = (target: string, what: Readable, hash: string) =>
  new Problem('nothing-to-read', {
    what: `there is no ${what} ${hash} of ${target} in the state folder`,
    next: [
      `its hash is ${HASHES[what] ?? 'planHash of the query plan'}: ` +
        `temporal workflow query --workflow-id lockkeeper:${target} --type plan`,
      'see that the task queue is the one of the worker that has it',
    ],
    retry: false,
  });

/** The worker was asked for it, and gave a reason. */
export const cannotRead = (target: string, what: Readable, why: string) =>
  new Problem('cannot-read', {
    what: `the ${what} of ${target} cannot be read through its worker`,
    why,
    next: ['see that a worker of this version runs where the state folder is: lockkeeper doctor'],
    retry: true,
  });

export const ambiguousName = (what: Readable, name: string, many: number) =>
  new Problem('ambiguous-name', {
    what: `${name} are the first characters of ${many} different things (${what})`,
    next: ['give more of it'],
    retry: false,
  });

export const noSuchPage = (page: number, pages: number) =>
  new Problem('no-such-page', {
    what: `there is no page ${page}: it has ${pages}`,
    next: [`ask for a page from 1 to ${pages}`],
    retry: false,
  });
