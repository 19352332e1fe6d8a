import { badReleaseName, noHealthCheck } from '../domain/problems/commands.js';
import { isReleaseName } from '../domain/release-name.js';
import type { Release, RunInput } from '../domain/steps.js';
import { runCommands } from './commands.js';
import { fetchByCompose } from './compose/fetch.js';
import { runningByCompose } from './compose/names.js';
import { composeOf } from './compose/target.js';
import type { Home, Target } from './home.js';
import type { Work } from './work.js';

export interface FetchInput extends RunInput {
  release?: string;
  healthCheck?: boolean;
}

/**
 * Finds out which release is meant and which one runs, and brings it here by the target's `release.fetch`
 * and, where compose starts it, as its image.
 *
 * @throws Problem `no-health-check`, `bad-release-name`, `command-failed`, those of `composeOf` and `fetchByCompose`
 */
export async function fetchRelease(home: Home, input: FetchInput, work: Work): Promise<Release> {
  const target = home.target(input.target);
  const { release, health } = target.settings;
  if (input.healthCheck && !health) throw noHealthCheck(target.name);
  const options = { target, runId: input.runId, timeoutSeconds: release.timeoutSeconds };
  const running = await runningRelease(target, input.runId, work);
  const named = input.release ?? (await nextRelease(target, input.runId, work));
  if (named !== undefined) assertName(named, input.release ? '--release' : 'printed by release.next');
  // Compose names what nobody named once it is here.
  const LOCKKEEPER_RELEASE = named ?? (target.settings.deploy?.compose ? '' : CURRENT);
  const environment = { LOCKKEEPER_RELEASE, LOCKKEEPER_RUNNING_RELEASE: running ?? '' };
  await runCommands(release.fetch, { ...options, step: 'fetch release', environment }, work);
  const composed = await byCompose(target, named, work);
  const name = composed?.name ?? named ?? CURRENT;
  const runs = running ? ` (runs now: ${running})` : '';
  return { name, running, note: `${name}${runs}${composed?.note ?? ''}` };
}

/** Without a command there is nothing to tell releases apart by: the one that lies here is deployed. */
const CURRENT = 'current';

function assertName(name: string, from: string): void {
  if (!isReleaseName(name)) throw badReleaseName(name, from);
}

/** @returns undefined where the target is not started by compose */
async function byCompose(
  target: Target,
  named: string | undefined,
  { signal, progress, onTool }: Work,
): Promise<{ name: string; note: string } | undefined> {
  const of = await composeOf(target, signal);
  if (!of) return undefined;
  const deadline = AbortSignal.timeout(target.settings.release.timeoutSeconds * 1000);
  return fetchByCompose(target, of, named, {
    signal: AbortSignal.any([signal, deadline]),
    onLine: (line) => progress(of.mask(line)),
    ...(onTool ? { onStart: onTool } : {}),
  });
}

/**
 * The release that runs now, as the target's `release.running` prints it.
 *
 * @returns null when there is no such command and compose does not know either, or it prints nothing
 */
export async function runningRelease(target: Target, runId: string, work: Work): Promise<string | null> {
  const { running } = target.settings.release;
  if (!running) {
    const of = await composeOf(target, work.signal);
    return of && runningByCompose(target, of);
  }
  return (await firstLine(target, runId, running, 'release running', work)) || null;
}

async function nextRelease(target: Target, runId: string, work: Work): Promise<string | undefined> {
  const { next } = target.settings.release;
  return next ? firstLine(target, runId, next, 'release next', work) : undefined;
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
