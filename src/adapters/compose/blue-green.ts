import { servingSide, type Side } from '../closure/peers.js';
import { swapImpossible } from '../../domain/problems/peers.js';
import { beside, letGo, moveAndEnd, publishedAt, runs, untilWell, type Beside } from './beside.js';
import { containersOf, type Container } from './containers.js';
import { allHealthy, up, type Way } from './ways.js';

/**
 * The first two services are the application twice. The one that does not serve is started with the new image, nginx is
 * moved to it, the other one answers what it has and ends. Other services are recreated after it.
 *
 * @throws Problem `swap-impossible`, `nginx-not-moved`; those of the way
 */
export const blueGreen: Way = async (swap) => {
  const [blue, green, ...others] = swap.services;
  if (blue === undefined || green === undefined)
    throw swapImpossible('blue-green', 'deploy.compose.services names one service', [
      'name the two that are the application, in the order of deploy.peers.addresses: services: [blue, green]',
    ]);
  const note = await change(beside(swap, 'blue-green'), [blue, green]);
  if (!others.length) return note;
  await up(swap, others);
  return `${note}; ${await allHealthy({ ...swap, services: others })}`;
};

async function change(both: Beside, pair: readonly [string, string]): Promise<string> {
  const { swap, peers } = both;
  const serving = await servingSide(peers);
  const before = await running(both, pair[serving]);
  const serves = before.some((each) => each.image !== swap.images.get(pair[serving]));
  // Where nobody serves there is nobody to keep; where the wanted one does, an attempt before this one has moved nginx.
  const side: Side = serves ? (serving ? 0 : 1) : serving;
  const [service, other] = [pair[side], pair[side ? 0 : 1]];
  try {
    await up(swap, [service]);
    const healthy = await untilWell(both, service, () => addressOf(both, service, side));
    return `${healthy}; ${await moveAndEnd(both, side, await containersOf(swap.project, other))}`;
  } catch (error) {
    if (serves) await letGo(both, serving, await containersOf(swap.project, service)).catch(() => undefined);
    throw error;
  }
}

const running = async ({ swap }: Beside, service: string): Promise<Container[]> =>
  (await containersOf(swap.project, service)).filter(runs);

/** Where this host reaches it: what it publishes, else what nginx is told. */
async function addressOf(both: Beside, service: string, side: Side): Promise<string> {
  const [container] = await running(both, service);
  const [published] = container ? await publishedAt(both.swap, container) : [];
  return published ?? both.peers.addresses[side];
}
