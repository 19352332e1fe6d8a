import { Problem } from '../problem.js';

/** A command of the user's settings did not end with exit code 0. */
export const commandFailed = (
  step: string,
  command: string,
  exitCode: number | undefined,
  lastWords: string,
  log: string,
) =>
  new Problem('command-failed', {
    what: `a command of the step "${step}" failed with ${exitCode === undefined ? 'a signal' : `exit code ${exitCode}`}: ${command}`,
    why: lastWords.endsWith(`ended with exit code ${exitCode}`) ? 'it printed nothing' : lastWords,
    next: [`read all that it printed: ${log}`, 'mend the cause, and start again'],
    retry: false,
  });

export const commandTooLong = (command: string, seconds: number, log: string) =>
  new Problem('command-too-long', {
    what: `a command took longer than its ${seconds} seconds and was ended: ${command}`,
    next: [`read what it printed: ${log}`, 'raise timeoutSeconds in lockkeeper.yaml if it needs longer'],
    retry: false,
  });

/** The commands ended well, and yet another release runs. */
export const deployNotConfirmed = (wanted: string, running: string) =>
  new Problem('deploy-not-confirmed', {
    what: `the deploy commands ended well, but release.running says ${running || 'nothing'}, not ${wanted}`,
    next: [
      'run the command release.running by hand',
      'correct the deploy commands: they must start LOCKKEEPER_RELEASE',
    ],
    retry: false,
  });

/** The release's own image or start command changed the database: nobody has checked or approved that. */
export const releaseMigrates = (release: string, from: readonly string[], to: readonly string[]) =>
  new Problem('release-migrates', {
    what: `release ${release} migrates by itself: the database went from ${from.join(', ') || 'base'} to ${to.join(', ') || 'base'} while it started`,
    why: 'what changes the database must be checked, approved and backed up before',
    next: [
      'take `alembic upgrade` out of its image, its entrypoint and the deploy commands',
      'then start again, and let Lockkeeper migrate: --auto-migrate or --manual-migrate',
    ],
    retry: false,
  });

export const badReleaseName = (name: string, from: string) =>
  new Problem('bad-release-name', {
    what: `${JSON.stringify(name.slice(0, 80))} is no name of a release (${from})`,
    next: ['a name has letters, digits and . _ - + : @ /, at most 128 of them, and no ..'],
    retry: false,
  });

export const noHealthCheck = (target: string) =>
  new Problem('no-health-check', {
    what: `--health-check was asked for, and ${target} has none`,
    next: [`add targets.${target}.health.url to lockkeeper.yaml, or leave --health-check out`],
    retry: false,
  });

/** The release was started and did not become healthy. */
export const unhealthy = (url: string, seconds: number, last: string) =>
  new Problem('unhealthy', {
    what: `${url} was not healthy within ${seconds} seconds`,
    why: last,
    next: [
      ...(/^nothing listens|^no answer/.test(last)
        ? ['see whether what leads to the application runs: nginx -t, then start it']
        : []),
      "read the application's own log",
      'raise health.deadlineSeconds if it only starts slowly',
    ],
    retry: false,
  });

/** A check after the migration found something else than it must. */
export const verificationFailed = (failed: readonly string[]) =>
  new Problem('verification-failed', {
    what: `${failed.length === 1 ? 'a check' : `${failed.length} checks`} after the migration failed`,
    why: failed.join('; '),
    next: ['correct the migration or the check, and start again'],
    retry: false,
  });
