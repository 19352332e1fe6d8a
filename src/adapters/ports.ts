import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
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
    if (await becomesFree(asked)) return asked;
    throw portTaken(server, asked);
  }
  if (remembered !== undefined) return (await becomesFree(remembered)) ? remembered : freePort();
  return (await isFree(usual)) ? usual : freePort();
}

const LINGER_MS = 1_000;
const LOOK_EVERY_MS = 50;

/** Waits a moment: the last threads of a server that was killed hold its port a little longer than it seems to live. */
async function becomesFree(port: number): Promise<boolean> {
  const until = performance.now() + LINGER_MS;
  while (!(await isFree(port))) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

/** Connects first: on macOS binding succeeds beside a program that listens on all addresses. */
export const isFree = async (port: number): Promise<boolean> =>
  !(await answers(port)) && (await canListen(port));

/** Below the ports that Linux and macOS lend to outgoing connections: nobody takes ours while its server is down. */
const [LOWEST, HIGHEST] = [20_000, 32_000];
const TRIES = 50;

/** A port that is free and, most likely, stays ours. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = LOWEST + randomInt(HIGHEST - LOWEST);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${LOWEST} and ${HIGHEST} is free`);
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
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
