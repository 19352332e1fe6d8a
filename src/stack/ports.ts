import { connect, createServer, type AddressInfo } from 'node:net';
import { portTaken } from '../domain/problems/stack.js';

export const HOST = '127.0.0.1';

export interface PortWish {
  /** For whom, in words. */
  server: string;
  /** By number, by the user: this one or none. */
  asked?: number | undefined;
  /** The one it had last time. */
  remembered?: number | undefined;
  /** The one that people know it by. */
  usual: number;
}

/** @throws Problem `port-taken` when the port that was asked for is in use */
export async function choosePort({ server, asked, remembered, usual }: PortWish): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked;
    throw portTaken(server, asked);
  }
  for (const port of remembered === undefined ? [usual] : [remembered]) if (await isFree(port)) return port;
  return freePort();
}

/** Connects first: on macOS binding succeeds beside a program that listens on all addresses. */
export const isFree = async (port: number): Promise<boolean> =>
  !(await answers(port)) && (await listening(port)) !== undefined;

/** A free port, as the system gives it. */
export async function freePort(): Promise<number> {
  const port = await listening(0);
  if (port === undefined) throw new Error('the system has no free port');
  return port;
}

const listening = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => {
      const { port: given } = server.address() as AddressInfo;
      server.close(() => resolve(given));
    });
  });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
