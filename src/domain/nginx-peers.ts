import { unfitForNginx } from './problems/closure.js';

/** Two addresses of the application, and the file that says which one serves. All as nginx sees them. */
export interface Peers {
  /** For names: the upstreams of two targets must not meet. */
  target: string;
  /** Each `127.0.0.1:8001`; the first one serves while there is no file. */
  addresses: readonly [string, string];
  /** While this file is there the second one serves. */
  file: string;
}

/** Answered by nginx itself, with the address that serves in a header. */
export const PEER_PATH = '/lockkeeper-peer';
export const PEER_HEADER = 'X-Lockkeeper-Peer';

/**
 * For nginx's `http {}`: both addresses as upstreams. nginx keeps connections to them for a shorter time than
 * applications do (uvicorn: 5 s): whoever closes an idle connection must be the one who sends on it, or a POST is
 * lost now and then.
 */
export const upstreamsOf = (peers: Peers): string =>
  [
    `# Both places of ${peers.target}: which of them serves says ${peers.file}, at each request.`,
    ...peers.addresses.map((address, i) => {
      if (!/^(\[[0-9a-f:.]+\]|[\w.-]+):\d+$/i.test(address)) throw unfitForNginx(address);
      return `upstream ${nameOf(peers, i)} { server ${address} max_fails=0; keepalive 32; keepalive_timeout 1s; }`;
    }),
    ``,
  ].join('\n');

/**
 * For the site's `server {}`: picks the upstream at each request, as `$lockkeeper_peer`. No reload is needed
 * to move from one to the other, and so no connection is cut.
 */
export const serverOfPeers = (peers: Peers): string[] => [
  `set $lockkeeper_peer ${nameOf(peers, 0)};`,
  `set $lockkeeper_address "${peers.addresses[0]}";`,
  `if (-f ${quoted(peers.file)}) { set $lockkeeper_peer ${nameOf(peers, 1)}; set $lockkeeper_address "${peers.addresses[1]}"; }`,
  `location = ${PEER_PATH} { add_header ${PEER_HEADER} $lockkeeper_address; add_header Cache-Control no-store; return 204; }`,
];

const nameOf = ({ target }: Peers, which: number): string =>
  `lockkeeper_${target.replace(/[^A-Za-z0-9]+/g, '_')}_${which ? 'b' : 'a'}`;

/** nginx has no way to write `$` in a text, and cuts a word at 4,096 bytes. */
export function quoted(text: string): string {
  if (/["$\\\p{Cc}]/u.test(text) || text.length > 1_000) throw unfitForNginx(text);
  return `"${text}"`;
}
