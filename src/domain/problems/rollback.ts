import { Problem } from '../problem.js';

/** Nothing in the records says how to go back from here. */
export const nothingToRollBack = (target: string, why: string, more: readonly string[] = []) =>
  new Problem('nothing-to-roll-back', {
    what: `there is no deploy of ${target} to roll back`,
    why,
    next: [...more, `lockkeeper report ${target} shows the last run`],
    retry: false,
  });

/** Going back would throw away what was written since. */
export const rollbackWouldLose = (target: string, losses: readonly string[]) =>
  new Problem('rollback-would-lose', {
    what: `rolling ${target} back would lose what was written since`,
    why: losses.join('; '),
    next: [
      'copy away what is in there, empty it, and roll back again',
      `or put back the release alone, where it runs on this schema: lockkeeper rollback ${target} --app-only`,
    ],
    retry: false,
  });

const SHOWN = 8;

/** The release before would run on a schema that it does not know. */
export const oldReleaseBreaks = (target: string, release: string, breaks: readonly string[]) =>
  new Problem('old-release-breaks', {
    what: `${release} of ${target} may not run on the schema as it is: --app-only is refused`,
    why: [
      ...breaks.slice(0, SHOWN),
      ...(breaks.length > SHOWN ? [`and ${breaks.length - SHOWN} more`] : []),
    ].join('; '),
    next: [
      `put the schema back as well: lockkeeper rollback ${target}`,
      'or go forward with a release that is mended',
    ],
    retry: false,
  });

/** The release that runs needs what would be taken back. */
export const releaseNeedsSchema = (target: string, running: string | null, before: string) =>
  new Problem('release-needs-schema', {
    what: `the schema of ${target} is not put back alone while ${running ?? 'a release that is not known'} runs: it may need it`,
    why: `no rehearsal has shown that it runs on the schema that ${before} had`,
    next: [
      `put back both, the release first: lockkeeper rollback ${target}`,
      `or start ${before} first, by lockkeeper deploy ${target} --release ${before} --skip-migrate, then call this again`,
    ],
    retry: false,
  });
