import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Network {
  port: number;
  /** From now on every packet is swallowed, in both directions, and new connections get no answer; nobody is told. */
  swallow: () => void;
  /** Bytes that were swallowed. */
  swallowed: () => number;
  close: () => void;
}

/** A network between a client and a server, which can lose both without a word. */
export async function networkTo(host: string, port: number): Promise<Network> {
  const sockets = new Set<Socket>();
  let dead = false;
  let lost = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host, port, allowHalfOpen: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (data: Buffer) => {
        if (dead) lost += data.length;
        else to.write(data);
      });
      from.on('end', () => {
        if (!dead) to.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    swallow: () => (dead = true),
    swallowed: () => lost,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
