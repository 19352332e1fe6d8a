import { Problem } from '../problem.js';
import type { Risk } from '../risk.js';
import { count } from '../units.js';

const UNTOUCHED = 'the database itself is untouched';

/** Where a rehearsal was: the plan forward, back, and forward again. */
export type Way = 'forward' | 'back' | 'forward again';

/** env.py would not find the copy. @param live - as `host:port/database` */
export const cannotRehearse = (live: string) =>
  new Problem('cannot-rehearse', {
    what: `the rehearsal cannot send env.py to a copy: no variable of its environment holds the URL of ${live}`,
    next: [
      'let env.py read the URL from a variable of its environment, such as os.environ["DATABASE_URL"]',
      'set that variable in lockkeeper.yaml, with the same host, port and database as database.url: ' +
        'alembic.environment: { DATABASE_URL: ${DATABASE_URL} }',
    ],
    retry: false,
  });

/** env.py went elsewhere. The bridge ended the session before any statement of a migration. */
export const rehearsalRefused = (why: string) =>
  new Problem('rehearsal-refused', {
    what: `env.py does not connect to the copy that it was sent to, and was stopped; ${UNTOUCHED}`,
    why,
    next: [
      'let env.py read its URL from the environment, instead of having it written in its code or in alembic.ini',
      'if it reads a .env file, let the environment go first',
    ],
    retry: false,
  });

export const rehearsalFailed = (way: Way, revision: string | null, why: string) =>
  new Problem('rehearsal-failed', {
    what: `the rehearsal failed going ${way}${revision ? ` in revision ${revision}` : ''}; ${UNTOUCHED}`,
    why,
    next: [
      way === 'back'
        ? 'correct downgrade() of the revision: it is the way back when the release fails'
        : 'correct the revision, or the rows that it stumbled on',
      'start again: it makes a new plan',
    ],
    retry: false,
  });

/** The same failure, with the rows that it stumbled on. @param examples - in words; empty: none are known */
export const withExamples = (failed: Problem, examples: string): Problem =>
  examples
    ? new Problem(failed.code, { ...failed.told, why: `${examples}; ${failed.told.why ?? ''}` })
    : failed;

/** What was measured is graver than what was checked. @param why - the findings, a line each */
export const riskRose = (was: Risk, is: Risk, why: readonly string[]) =>
  new Problem('risk-rose', {
    what: `the rehearsal showed a ${is} risk where the check had found ${was}; ${UNTOUCHED}`,
    why: why.join('; '),
    next: [
      'look at what it found, and correct the revision',
      `or start again: the new plan has what was found in it, and takes the procedure for ${is} risk`,
    ],
    retry: false,
  });

/** Server, network or machine ended it; the plan is not to blame. */
export const rehearsalInterrupted = (way: Way, why: string) =>
  new Problem('rehearsal-interrupted', {
    what: `the rehearsal was interrupted going ${way}; ${UNTOUCHED}`,
    why,
    next: ['see the logs of the server and of this machine', 'try again: it begins with a new copy'],
    retry: true,
  });

export const rehearsalTooLong = (limitMinutes: number) =>
  new Problem('rehearsal-too-long', {
    what: `the rehearsal took longer than ${count(limitMinutes, 'minute')} and was ended; ${UNTOUCHED}`,
    next: [
      'the migration itself may take as long: look at the log of the rehearsal for what took the time',
      'allow it more time if that is well',
    ],
    retry: false,
  });
