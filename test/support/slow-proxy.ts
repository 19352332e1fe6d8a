import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How much of an answer goes through before it is kept back: a dump is in the middle of its rows then. */
const LET_THROUGH_BYTES = 100_000;

export interface SlowProxy {
  port: number;
  /** Whether something is being kept back now. */
  holds: () => boolean;
  /** From now on nothing is kept back. */
  release: () => void;
  close: () => void;
}

/** A network between a tool and PostgreSQL that stands still in the middle of a long answer. */
export async function slowProxy(host: string, port: number, held: boolean): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let slow = held;
  const server = createServer((client) => {
    const upstream = connect(port, host);
    let passed = 0;
    const kept: Buffer[] = [];
    const letGo = () => void client.write(Buffer.concat(kept.splice(0)));
    upstream.on('data', (data: Buffer) => {
      passed += data.length;
      if (!slow || passed < LET_THROUGH_BYTES) return void client.write(data);
      kept.push(data);
      waiting.add(letGo);
    });
    client.pipe(upstream);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroySoon();
        waiting.delete(letGo);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    holds: () => waiting.size > 0,
    release: () => {
      slow = false;
      for (const letGo of waiting) letGo();
      waiting.clear();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
