import { setTimeout as sleep } from 'node:timers/promises';
import { containerFailed, notWhatWasStarted } from '../../domain/problems/compose.js';
import { shortId } from '../../domain/image.js';
import { count, duration } from '../../domain/units.js';
import { containersOf, lastLog, type Container } from './containers.js';
import type { ComposeProject } from './project.js';

export interface HealthyOptions {
  /** Id of the image that must run. */
  image: string;
  seconds: number;
  logLines: number;
  mask: (text: string) => string;
  signal: AbortSignal;
  progress: (text: string) => void;
  /** Others may run beside them: the new ones alone are looked at. */
  beside?: boolean;
}

const LOOK_EVERY_MS = 500;
/** One without a health check counts as started when it has run for so long. */
const STEADY_MS = 3_000;
/** A restart policy starts a crashed one again and again. */
const MOST_RESTARTS = 3;

/**
 * Waits until the containers of a service run the image and their own health checks pass. Those that are from another
 * image and do not run, as an interrupted `up` leaves them, do not count.
 *
 * @returns how it went, for the record
 * @throws Problem `container-failed` with its last lines, `not-what-was-started`
 */
export async function untilContainersHealthy(
  project: ComposeProject,
  service: string,
  options: HealthyOptions,
): Promise<string> {
  const began = performance.now();
  const restartsAtFirst = new Map<string, number>();
  for (;;) {
    const found = await containersOf(project, service);
    const all = options.beside ? found.filter(({ image }) => image === options.image) : found;
    for (const { id, restarts } of all) if (!restartsAtFirst.has(id)) restartsAtFirst.set(id, restarts);
    const fault = faultIn(all, options.image, restartsAtFirst);
    if (fault) throw await failed(project, service, fault, options);
    const waiting = whyNotYet(all, options.image);
    const took = performance.now() - began;
    if (waiting === null) {
      const check = all.some(({ health }) => health)
        ? 'healthy'
        : 'running, without a health check of its own';
      return `${service} is ${check} after ${duration(took)}`;
    }
    if (took > options.seconds * 1000) throw await late(project, service, all, waiting, options);
    options.progress(`${service}: ${waiting}`);
    await sleep(LOOK_EVERY_MS, undefined, { signal: options.signal });
  }
}

interface Fault {
  container: Container;
  state: string;
}

/** What no waiting will mend. */
function faultIn(
  all: readonly Container[],
  image: string,
  restartsAtFirst: ReadonlyMap<string, number>,
): Fault | null {
  for (const container of all.filter((each) => each.image === image)) {
    const { id, status, health, exitCode, restarts, error } = container;
    const since = restarts - restartsAtFirst.get(id)!;
    if (status === 'exited' || status === 'dead')
      return { container, state: `ended with exit code ${exitCode}${error ? ` (${error})` : ''}` };
    if (status === 'restarting' && restarts >= MOST_RESTARTS)
      return { container, state: `was restarted ${restarts} times, last with exit code ${exitCode}` };
    // It is seldom met between two starts when these take long; one that was kept may have had some in other weeks.
    if (since >= MOST_RESTARTS) return { container, state: `was restarted ${restarts} times` };
    const again = since ? `, and was restarted ${count(since, 'time')}` : '';
    if (health === 'unhealthy') return { container, state: `is unhealthy${again}` };
  }
  return null;
}

/** @returns null when all is well */
function whyNotYet(all: readonly Container[], image: string): string | null {
  const other = all.find((each) => each.image !== image && each.status === 'running');
  if (other) return `${other.name} still runs ${shortId(other.image)}`;
  const own = all.filter((each) => each.image === image);
  if (!own.length) return `no container of ${shortId(image)} is there`;
  const idle = own.find(({ status }) => status !== 'running');
  if (idle) return `${idle.name} is ${idle.status}`;
  const starting = own.find(({ health }) => health !== null && health !== 'healthy');
  if (starting) return `${starting.name} is ${starting.health}`;
  const young = own.find(
    ({ health, startedAt }) => health === null && Date.now() - Date.parse(startedAt) < STEADY_MS,
  );
  return young ? `${young.name} has just started` : null;
}

async function failed(
  project: ComposeProject,
  service: string,
  { container, state }: Fault,
  { logLines, mask }: HealthyOptions,
): Promise<Error> {
  const printed = await lastLog(project.place, container.id, logLines);
  const check = container.health === 'unhealthy' && endOf(container.healthSaid);
  const said = [check && `its check says: ${check}`, printed].filter(Boolean).join('\n');
  return containerFailed(service, state, mask(said));
}

/** What a traceback comes to: the container's own words are not to be lost behind it. */
const endOf = (said: string): string => said.split('\n').slice(-3).join('\n').trim();

async function late(
  project: ComposeProject,
  service: string,
  all: readonly Container[],
  waiting: string,
  options: HealthyOptions,
): Promise<Error> {
  const own = all.find(({ image }) => image === options.image);
  if (!own) return notWhatWasStarted(service, waiting);
  const state = `was not healthy within ${options.seconds} seconds (${own.health ?? own.status})`;
  return failed(project, service, { container: own, state }, options);
}
