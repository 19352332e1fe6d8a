import { lookup } from 'node:dns/promises';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/** Where a server listens, as /proc/net/tcp writes addresses. */
export interface Listening {
  addresses: ReadonlySet<string>;
  /** The same for people, and for whoever compares names. */
  names: readonly string[];
  port: number;
}

/** Looks a host up. A name that cannot be looked up is reached by nobody under that name. */
export async function listeningAt(host: string, port: number): Promise<Listening> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const names = [...new Set([host.toLowerCase(), ...found.map(({ address }) => address)])];
  return { addresses: new Set(names.flatMap(asInProc)), names, port };
}

/** @see proc_net_tcp(5): each four bytes in the machine's own order, which is little endian on all that we run on */
function asInProc(address: string): string[] {
  if (address === '::1') return ['00000000000000000000000001000000'];
  if (!isIPv4(address)) return [];
  const word = address
    .split('.')
    .toReversed()
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
  return [word, `0000000000000000FFFF0000${word}`];
}

/**
 * Whether one of these processes, or what they have started, is connected to a server by TCP. Only Linux tells.
 *
 * @param pids - of the processes that were started
 */
export async function reaches(pids: Iterable<number>, { addresses, port }: Listening): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const sockets = new Set<string>();
  for (const table of ['tcp', 'tcp6'])
    for (const row of (await readFile(`/proc/net/${table}`, 'utf8').catch(() => '')).split('\n')) {
      const fields = row.trim().split(/\s+/);
      const [address = '', at = ''] = (fields[2] ?? '').split(':');
      if (Number.parseInt(at, 16) === port && addresses.has(address) && fields[9]) sockets.add(fields[9]);
    }
  if (!sockets.size) return false;
  for (const pid of pids) if (await holdsOne(pid, sockets)) return true;
  return false;
}

async function holdsOne(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  for (const file of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const is = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
    if (sockets.has(/^socket:\[(\d+)\]$/.exec(is)?.[1] ?? '')) return true;
  }
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter(Boolean))
    if (await holdsOne(Number(child), sockets)) return true;
  return false;
}
