import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PEER_PATH } from '../../domain/nginx-peers.js';
import { nginxNotMoved, peerUnknown } from '../../domain/problems/peers.js';
import { removeForNginx, writeForNginx } from './flag.js';
import { untilSeen, type Seen } from './probe.js';

/** Two addresses of an application, between which a file moves nginx. */
export interface PeerSwitch {
  addresses: readonly [string, string];
  /** On this host: while it is there nginx sends requests to the second address. */
  file: string;
  /** The site, through nginx. */
  url: string;
  /** How long what was served before lives on. */
  drainSeconds: number;
}

export type Side = 0 | 1;

const CONFIRM_MS = 5_000;

/** The side that serves, as the file says. */
export const servingSide = ({ file }: PeerSwitch): Promise<Side> =>
  access(file).then(
    () => 1,
    () => 0,
  );

/**
 * Sends all new requests to one side, and proves it by asking nginx. Requests that are being answered stay where
 * they are. Harmless twice.
 *
 * @throws Problem `flag-not-writable`; `nginx-not-moved`, everything as it was
 */
export async function moveTo(peers: PeerSwitch, side: Side, signal: AbortSignal): Promise<void> {
  const before = await servingSide(peers);
  await place(peers, side);
  const [asked, wanted] = [new URL(PEER_PATH, peers.url).href, peers.addresses[side]];
  const other = await untilSeen(asked, ({ peer }) => peer === wanted, { waitMs: CONFIRM_MS, signal });
  if (other === null) return;
  await place(peers, before);
  throw nginxNotMoved(wanted, asked, peerText(other));
}

/** Waits until what was served before has answered its requests. */
export const drained = ({ drainSeconds }: PeerSwitch, signal: AbortSignal): Promise<void> =>
  sleep(drainSeconds * 1000, undefined, { signal });

/** @throws Problem `peer-unknown` when neither address has this port */
export function sideOfPort({ addresses }: PeerSwitch, port: number): Side {
  const side = addresses.findIndex((address) => address.endsWith(`:${port}`));
  if (side < 0) throw peerUnknown(port, addresses);
  return side as Side;
}

const peerText = (seen: Seen | string): string =>
  typeof seen === 'string'
    ? seen
    : `it answered ${seen.status}, and serves ${seen.peer ?? 'nobody that we know'}`;

const place = async ({ file }: PeerSwitch, side: Side): Promise<void> => {
  if (side === 1) await writeForNginx(file, 'the second address serves\n', { replace: true });
  else await removeForNginx(file);
};
