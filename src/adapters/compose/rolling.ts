import { sideOfPort, type Side } from '../closure/peers.js';
import { swapImpossible } from '../../domain/problems/peers.js';
import {
  beside,
  letGo,
  moveAndEnd,
  publishedAt,
  removeContainers,
  runs,
  untilWell,
  type Beside,
} from './beside.js';
import { containersOf, type Container } from './containers.js';
import { allHealthy, up, type Way } from './ways.js';

/**
 * A second container of the application comes up beside the first one, nginx is moved to it, the first one answers what
 * it has and ends. Other services are recreated after it.
 *
 * @throws Problem `swap-impossible`, `peer-unknown`, `nginx-not-moved`; those of the way
 */
export const rolling: Way = async (swap) => {
  const [service = '', ...others] = swap.services;
  const note = await roll(beside(swap, 'rolling'), service);
  if (!others.length) return note;
  await up(swap, others);
  return `${note}; ${await allHealthy({ ...swap, services: others })}`;
};

async function roll(both: Beside, service: string): Promise<string> {
  const { swap } = both;
  // What an interrupted attempt has left would be started again by compose, as one of those that are wanted.
  await removeContainers(
    swap,
    (await containersOf(swap.project, service)).filter((each) => !runs(each)),
  );
  const { own, old } = await found(both, service);
  if (!own.length && old.length)
    await up(swap, [service], ['--no-recreate', '--scale', `${service}=${old.length + 1}`]);
  // Nobody serves, or the wanted one alone: compose sees whether its settings have changed.
  else if (!old.length) await up(swap, [service]);
  try {
    const now = await found(both, service);
    const [container, another] = now.own;
    if (!container || another) throw impossible(service, now.own.length);
    const healthy = await untilWell(both, service, async () => (await sideOf(both, container)).address);
    const { side } = await sideOf(both, container);
    return `${healthy}; ${await moveAndEnd(both, side, now.old)}`;
  } catch (error) {
    await goBack(both, service).catch(() => undefined);
    throw error;
  }
}

const impossible = (service: string, count: number) =>
  swapImpossible('rolling', `${count} containers of ${service} came up, and one was expected`, [
    'the service may have neither container_name nor network_mode: host, and must publish two ports, such as "127.0.0.1:8001-8002:8000"',
    'or set deploy.compose.way: blue-green, with two services',
  ]);

/** Containers of the wanted image, and the others that run. */
async function found({ swap }: Beside, service: string): Promise<{ own: Container[]; old: Container[] }> {
  const all = await containersOf(swap.project, service);
  const image = swap.images.get(service);
  return {
    own: all.filter((each) => each.image === image),
    old: all.filter((each) => runs(each) && each.image !== image),
  };
}

async function sideOf(
  { swap, peers }: Beside,
  container: Container,
): Promise<{ side: Side; address: string }> {
  const addresses = await publishedAt(swap, container);
  const ports = addresses.map((address) => Number(address.split(':').at(-1)));
  const known = ports.findIndex((port) => peers.addresses.some((each) => each.endsWith(`:${port}`)));
  return {
    side: sideOfPort(peers, ports[Math.max(0, known)] ?? 0),
    address: addresses[Math.max(0, known)] ?? '',
  };
}

/** Only where an old one serves: alone, the new one stays, and says what is wrong with it. */
async function goBack(both: Beside, service: string): Promise<void> {
  const { own, old } = await found(both, service);
  const [serves] = old;
  if (serves) await letGo(both, (await sideOf(both, serves)).side, own);
}
