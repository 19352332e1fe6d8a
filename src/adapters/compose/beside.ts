import { drained, moveTo, servingSide, type PeerSwitch, type Side } from '../closure/peers.js';
import { look } from '../closure/probe.js';
import { containerFailed } from '../../domain/problems/compose.js';
import { swapImpossible } from '../../domain/problems/peers.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { containersOf, type Container } from './containers.js';
import { docker } from './docker.js';
import { untilContainersHealthy } from './healthy.js';
import type { Swap } from './ways.js';

/** Two releases run beside each other, and nginx is moved from one to the other. */
export interface Beside {
  swap: Swap;
  peers: PeerSwitch;
}

/** @throws Problem `swap-impossible` without `deploy.peers` */
export function beside(swap: Swap, way: string): Beside {
  if (swap.peers) return { swap, peers: swap.peers };
  throw swapImpossible(way, 'deploy.peers does not say between which addresses nginx is moved', [
    'set deploy.peers, then: lockkeeper init --nginx',
    'or deploy.compose.way: recreate',
  ]);
}

const LOOK_EVERY_MS = 100;

/**
 * Waits until the new containers of a service are well, while old ones run beside them. Who has no health check is
 * asked over HTTP instead.
 *
 * @param whereIs - its address on this host
 * @returns how it went, for the record
 * @throws Problem `container-failed`, `not-what-was-started`
 */
export async function untilWell(
  { swap }: Beside,
  service: string,
  whereIs: () => Promise<string>,
): Promise<string> {
  const { project, images, healthy } = swap;
  const image = images.get(service) ?? '';
  const note = await untilContainersHealthy(project, service, { ...healthy, image, beside: true });
  const own = (await containersOf(project, service)).filter((each) => each.image === image);
  if (own.some(({ health }) => health !== null)) return note;
  const address = await whereIs();
  for (const until = performance.now() + healthy.seconds * 1000; ;) {
    const seen = await look(`http://${address}/`, healthy.signal);
    if (typeof seen !== 'string' && seen.status < 500) return `${note}; ${address} answers ${seen.status}`;
    const said = typeof seen === 'string' ? seen : `it answers ${seen.status}`;
    if (performance.now() > until) throw containerFailed(service, `is not well at ${address}`, said);
    await sleep(LOOK_EVERY_MS, undefined, { signal: healthy.signal });
  }
}

/** Moves nginx to the new containers, waits until the old ones have answered, and ends those. */
export async function moveAndEnd(
  { swap, peers }: Beside,
  side: Side,
  old: readonly Container[],
): Promise<string> {
  const { signal, progress } = swap.healthy;
  const moved = (await servingSide(peers)) !== side;
  await moveTo(peers, side, signal);
  const note = `nginx ${moved ? 'was moved' : 'sends'} to ${peers.addresses[side]}`;
  const answering = old.some(runs);
  if (answering) {
    progress(`${note}; what was served before may answer for ${peers.drainSeconds} s`);
    await drained(peers, signal);
  }
  await endContainers(swap, old);
  if (!answering) return note;
  return `${note}, ${old.map(({ name }) => name).join(', ')} ended after ${peers.drainSeconds} s`;
}

/** What came up beside a running release, and is not well, goes; nginx stays with, or goes back to, what serves. */
export async function letGo({ swap, peers }: Beside, side: Side, own: readonly Container[]): Promise<void> {
  if ((await servingSide(peers)) !== side) await moveTo(peers, side, swap.healthy.signal);
  await removeContainers(swap, own);
}

/** Gives them the time that the compose file gives, then removes them. */
async function endContainers(swap: Swap, old: readonly Container[]): Promise<void> {
  const { place } = swap.project;
  await Promise.all(old.map(({ id }) => docker(place, ['stop', id], swap.shell)));
  await removeContainers(swap, old);
}

export async function removeContainers({ project }: Swap, gone: readonly Container[]): Promise<void> {
  for (const { id } of gone) await docker(project.place, ['rm', '--force', id]);
}

export const runs = ({ status }: Container): boolean => status === 'running' || status === 'restarting';

/** Where its published ports are on this host: each `127.0.0.1:8001`. */
export async function publishedAt({ project }: Swap, { id }: Container): Promise<string[]> {
  const lines = (await docker(project.place, ['port', id])).split('\n');
  return lines.flatMap(
    (line) => / -> (.+)$/.exec(line)?.[1]?.replace(/^(0\.0\.0\.0|\[?::\]?):/, '127.0.0.1:') ?? [],
  );
}
