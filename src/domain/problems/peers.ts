import { PEER_PATH } from '../nginx-peers.js';
import { Problem } from '../problem.js';

/** The file was written, and nginx goes on as before. What served before serves still. */
export const nginxNotMoved = (address: string, url: string, why: string) =>
  new Problem('nginx-not-moved', {
    what: `nginx was not moved to ${address}: what served before serves still`,
    why: `${url}: ${why}`,
    next: [
      'the server of nginx must include our lines: lockkeeper init --nginx',
      'nginx must see the file of deploy.peers, and be able to enter its folder; at another path: seenAs',
      `open_file_cache must be off in that server, and ${PEER_PATH} must reach nginx`,
    ],
    retry: false,
  });

export const peerUnknown = (port: number, addresses: readonly string[]) =>
  new Problem('peer-unknown', {
    what: `the new container answers on port ${port}, which nginx does not know`,
    why: `deploy.peers.addresses has ${addresses.join(' and ')}`,
    next: ['publish exactly these two ports in the compose file, such as "127.0.0.1:8001-8002:8000"'],
    retry: false,
  });

export const swapImpossible = (way: string, why: string, next: readonly string[]) =>
  new Problem('swap-impossible', {
    what: `releases cannot be swapped by ${way}`,
    why,
    next,
    retry: false,
  });
