import { createHash } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a store can do wrong. */
export type Lie =
  /** An error of its own, and nothing is done. */
  | { is: 'error'; status: number; code: string }
  /** Says that it has taken what it throws away. */
  | { is: 'lose' }
  /** Does it, and the connection breaks before the answer. */
  | { is: 'no answer' }
  /** One bit of what it gives is another. */
  | { is: 'flip' }
  /** It says that there is less than was written. */
  | { is: 'shorter' }
  /** The connection breaks in the middle of what it gives. */
  | { is: 'cut' };

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingMessage['headers'];
}

/**
 * A store that lies, in front of one that does not. It looks besides whether what comes is what its
 * `x-amz-checksum-sha256` says, as AWS does.
 */
export class LyingS3 {
  /** How often it has lied. */
  fired = 0;
  readonly asked: Asked[] = [];
  #lie: (asked: Asked, nth: number) => Lie | undefined = () => undefined;

  private constructor(
    private readonly upstream: string,
    private readonly server: Server,
  ) {}

  static async before(upstream: string): Promise<LyingS3> {
    const server = createServer();
    const lying = new LyingS3(upstream, server);
    server.on(
      'request',
      (asked, answer) => void lying.#answer(asked, answer).catch(() => asked.socket.destroy()),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return lying;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on it lies so: `nth` counts the requests since then, from 1. */
  lies(lie: (asked: Asked, nth: number) => Lie | undefined): void {
    this.fired = 0;
    this.asked.length = 0;
    this.#lie = lie;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = from;
    const asked = { method, path: url, headers };
    this.asked.push(asked);
    const lie = this.#lie(asked, this.asked.length);
    if (lie) this.fired += 1;
    const body = await whole(from);
    if (isWrong(headers['x-amz-checksum-sha256'], body)) return error(to, 400, 'BadDigest');
    if (lie?.is === 'error') return error(to, lie.status, lie.code);
    if (lie?.is === 'lose') return void to.writeHead(200, { etag: '"0"' }).end();
    const answer = await this.#ask(asked, body);
    if (lie?.is === 'no answer') return void from.socket.destroy();
    this.#give(lie, answer, to);
  }

  #give(lie: Lie | undefined, { status, headers, body }: Answer, to: ServerResponse): void {
    if (lie?.is === 'flip') body[body.length >> 1]! ^= 1;
    if (lie?.is === 'shorter') headers['content-length'] = String(Number(headers['content-length']) - 1);
    to.writeHead(status, headers);
    if (lie?.is !== 'cut') return void to.end(body);
    to.write(body.subarray(0, body.length >> 1), () => to.socket?.destroy());
  }

  #ask = ({ method, path, headers }: Asked, body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.upstream);
      const { expect: _, connection: __, ...rest } = headers;
      // The host stays as it was: it is signed.
      const to = { hostname, port, method, path, headers: rest, agent: false };
      const asking = request(to, (answer) => {
        whole(answer).then(
          (found) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: found }),
          reject,
        );
      });
      asking.once('error', reject);
      asking.end(body);
    });
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const isWrong = (said: string | string[] | undefined, body: Buffer): boolean =>
  said !== undefined && said !== createHash('sha256').update(body).digest('base64');

const error = (to: ServerResponse, status: number, code: string): void =>
  void to
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>says the test</Message></Error>`);
