import { closerText, type Closure } from '../closure.js';
import { Problem, type Told } from '../problem.js';

export const noClosure = (target: string) =>
  new Problem('no-closure', {
    what: `${target} has no settings for closing its site`,
    next: [`add targets.${target}.closure to lockkeeper.yaml: flag and url`],
    retry: false,
  });

/** Somebody else closed the site: it is theirs to open. */
export const closedByOther = (closure: Closure) =>
  new Problem('closed-by-other', {
    what: `the site of ${closure.target} is closed already, since ${closure.since}, by ${closerText(closure)}`,
    why: closure.reason,
    next: [
      closure.kind === 'hand'
        ? `ask ${closure.by}, then: lockkeeper maintenance off ${closure.target}`
        : `see what the run does: lockkeeper status ${closure.target}`,
      `or, when nothing needs it any more: lockkeeper maintenance off ${closure.target} --force`,
    ],
    retry: false,
  });

/** A run works in a closure that was made by hand: opened now, people would write into what it changes. */
export const usedByRun = (closure: Closure, runId: string) =>
  new Problem('used-by-run', {
    what: `run ${runId} is at work in this closure of ${closure.target}`,
    next: [
      `wait for its end: lockkeeper status ${closure.target} --watch`,
      `or, when that run is gone: lockkeeper maintenance off ${closure.target} --force`,
    ],
    retry: false,
  });

/** A run that closes the whole site finds writes closed by hand: it does not widen what somebody else made. */
export const closedForWritesOnly = (closure: Closure) =>
  new Problem('closed-for-writes-only', {
    what: `the site of ${closure.target} is closed for writes only, by ${closerText(closure)}, and this run closes all of it`,
    why: closure.reason,
    next: [
      `ask ${closure.by}, then close all of it: lockkeeper maintenance on ${closure.target}`,
      `or open it, so that the run closes it: lockkeeper maintenance off ${closure.target}`,
      `or let runs close writes only: targets.${closure.target}.closure.scope: writes`,
    ],
    retry: false,
  });

/** A file lies where the flag belongs that Lockkeeper did not write: somebody closed the site otherwise. */
export const flagMalformed = (target: string, path: string, why: string) =>
  new Problem('flag-malformed', {
    what: `the site of ${target} is closed by a file that Lockkeeper did not write: ${path}`,
    why,
    next: [
      `find out who made it: ls -l ${path}`,
      `when nothing needs it any more: lockkeeper maintenance off ${target} --force`,
    ],
    retry: false,
  });

export const flagOfOtherTarget = (target: string, path: string, closure: Closure) =>
  new Problem('flag-of-other-target', {
    what: `the flag file of ${target} is in use by another target, ${closure.target}: ${path}`,
    why: `${closerText(closure)}, since ${closure.since}: ${closure.reason}`,
    next: [`give each target a flag of its own: targets.${target}.closure.flag in lockkeeper.yaml`],
    retry: false,
  });

/** The flag, or the page beside it, cannot be written or removed. */
export const flagNotWritable = (path: string, why: string) =>
  new Problem('flag-not-writable', {
    what: `${path} cannot be written or removed`,
    why,
    next: ['let the user of the worker write into that folder', 'then try again'],
    retry: false,
  });

/** Nothing answers where the site should: whether it is closed cannot be proved. */
export const siteUnreachable = (url: string, why: string, wanted: 'closed' | 'open') =>
  new Problem('site-unreachable', {
    what: `nothing answers at ${url}, so that nobody can say whether the site is ${wanted}`,
    why,
    next: [
      'see whether nginx runs: nginx -t, then start it',
      'correct closure.url: it must lead to nginx, as the worker reaches it',
    ],
    retry: false,
  });

/** The flag is there, and the site answers as if it were not. `causes`: what was found out, likeliest first. */
export const notClosed = (url: string, answered: string, causes: readonly string[]) =>
  new Problem('not-closed', {
    what: `the flag file is there, and ${url} is not closed`,
    why: answered,
    next: causes,
    retry: false,
  });

/** Only writes were to be closed. */
export const readsClosed = (url: string, answered: string) =>
  new Problem('reads-closed', {
    what: `writes are closed, and ${url} does not let people read either`,
    why: answered,
    next: [
      'see that the application runs, and that no other flag closes the site',
      'or close all of it: closure.scope: site',
    ],
    retry: false,
  });

/** The flag was removed, and the site was not open. For a run the flag is back. */
export const notOpened = (url: string, answered: string) =>
  new Problem('not-opened', {
    what: `without its flag file ${url} does not answer as an open site`,
    why: answered,
    next: [
      'closed still: another flag file, or open_file_cache in the server of nginx',
      "another error: read the application's log and nginx's",
    ],
    retry: false,
  });

/** Sessions that may write, and did not end. Each as `pid 7, worker (role app), idle in transaction for 3 min`. */
export const writersBusy = (target: string, sessions: readonly string[], waited: string) =>
  new Problem('writers-busy', {
    what: `the site of ${target} is closed, and after ${waited} somebody still works on its database`,
    why: sessions.join('; '),
    next: [
      'stop them: commands for workers and cron belong into closure.stop',
      'end a session that may be ended: SELECT pg_terminate_backend(PID)',
    ],
    retry: false,
  });

/** Nobody seems busy, and yet rows change. */
export const stillWritten = (target: string, moved: readonly string[], sessions: readonly string[]) =>
  new Problem('still-written', {
    what: `the site of ${target} is closed, and its database is still written to`,
    why: `${moved.join('; ')}; connected: ${sessions.join('; ') || 'nobody at the moment'}`,
    next: ['find the writer by its name, and stop it in closure.stop of lockkeeper.yaml'],
    retry: false,
  });

export const sessionsHidden = (role: string, why: string) =>
  new Problem('sessions-hidden', {
    what: `the role ${role} may not see what other sessions do, so that nobody can say whether writers are stopped`,
    why,
    next: [
      `GRANT pg_read_all_stats, pg_signal_backend TO "${role}"`,
      'and leave track_activities and track_counts on',
    ],
    retry: false,
  });

export const countersMissing = (path: string, why: string) =>
  new Problem('counters-missing', {
    what: 'the write counters to compare with are not in the state folder',
    why,
    next: [`bring ${path} back from a backup of the state folder`, 'or take what was written since for lost'],
    retry: false,
  });

export const unfitForNginx = (text: string) =>
  new Problem('unfit-for-nginx', {
    what: `nginx cannot read this in its configuration: ${JSON.stringify(text.slice(0, 120))}`,
    next: ['use a shorter path without " $ \\ and line breaks'],
    retry: false,
  });

/** Closing or opening by hand went wrong half way: how the site stands now is said with it. */
export const maintenanceFailed = ({ what, why, next, retry }: Told, site: string) =>
  new Problem('maintenance-failed', {
    what: `${what}; the site is ${site}`,
    ...(why ? { why } : {}),
    next,
    retry,
  });

/** What to do where nginx does not answer in our words. */
export const linesMissing = (target: string): string[] => [
  `the server of nginx that answers for closure.url must include our lines: lockkeeper init --nginx ${target}`,
  'then nginx -t && nginx -s reload',
];
/** A run's closure shall be opened while nobody can ask the run. */
export const forceNeedsName = (target: string, known: readonly string[], typed: string | undefined) =>
  new Problem('force-needs-name', {
    what:
      typed === undefined
        ? `the site of ${target} is left closed: its run cannot be asked, and nobody has typed the name of the target`
        : `the site of ${target} is left closed: ${JSON.stringify(typed.slice(0, 80))} was typed, not ${target}`,
    why: known
      .slice(1)
      .map((line) => line.trim().replace(/ {2,}/, ': '))
      .join('; '),
    next: [
      `what is left to do, in order: lockkeeper explain ${target}`,
      `open it all the same: lockkeeper maintenance off ${target} --force --typed ${target}`,
    ],
    retry: false,
  });
