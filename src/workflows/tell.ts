import type { Notice } from '../domain/notice.js';
import type { RunInput } from '../domain/steps.js';
import { failureOfError, wordsOf } from './failures.js';
import { notify } from './steps.js';

/** Tells people. @returns in words whom it could not, and why; undefined when all were told */
export const whyNotTold = (input: RunInput & Notice): Promise<string | undefined> =>
  notify(input).then(
    ({ note, faults }) => (faults?.length ? note : undefined), // older workers told of no faults
    (error: unknown) => `not told: ${wordsOf(failureOfError(error))}`,
  );
