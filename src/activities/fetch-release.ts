import { badReleaseName, noHealthCheck } from '../domain/problems/commands.js';
import { isReleaseName } from '../domain/release-name.js';
import type { Release, RunInput } from '../domain/steps.js';
import { runCommands } from './commands.js';
import type { Home, Target } from './home.js';
import type { Work } from './work.js';

export interface FetchInput extends RunInput {
  release?: string;
  healthCheck?: boolean;
}

/**
 * Finds out which release is meant and which one runs, and brings it here by the target's `release.fetch`.
 *
 * @throws Problem `no-health-check`, `bad-release-name`, `command-failed`
 */
export async function fetchRelease(home: Home, input: FetchInput, work: Work): Promise<Release> {
  const target = home.target(input.target);
  const { release, health } = target.settings;
  if (input.healthCheck && !health) throw noHealthCheck(target.name);
  const options = { target, runId: input.runId, timeoutSeconds: release.timeoutSeconds };
  const running = await runningRelease(target, input.runId, work);
  const name = input.release ?? (await nextRelease(target, input.runId, work));
  if (!isReleaseName(name))
    throw badReleaseName(name, input.release ? '--release' : 'printed by release.next');
  const environment = { LOCKKEEPER_RELEASE: name, LOCKKEEPER_RUNNING_RELEASE: running ?? '' };
  await runCommands(release.fetch, { ...options, step: 'fetch release', environment }, work);
  return { name, running, note: `${name}${running ? ` (runs now: ${running})` : ''}` };
}

/**
 * The release that runs now, as the target's `release.running` prints it.
 *
 * @returns null when there is no such command, or it prints nothing
 */
export async function runningRelease(target: Target, runId: string, work: Work): Promise<string | null> {
  const { running } = target.settings.release;
  if (!running) return null;
  return (await firstLine(target, runId, running, 'release running', work)) || null;
}

async function nextRelease(target: Target, runId: string, work: Work): Promise<string> {
  const { next } = target.settings.release;
  // Without a command there is nothing to tell releases apart by: the one that lies here is deployed.
  return next ? firstLine(target, runId, next, 'release next', work) : 'current';
}

async function firstLine(
  target: Target,
  runId: string,
  command: string | string[],
  step: string,
  work: Work,
): Promise<string> {
  const options = { target, runId, step, environment: {}, timeoutSeconds: 30 };
  const printed = await runCommands([command], options, work);
  return printed.split('\n')[0]!.trim();
}
