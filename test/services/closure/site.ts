import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { shell } from '../../../src/adapters/shell.js';
import { homeAt, type Home } from '../../../src/activities/home.js';
import type { Work } from '../../../src/activities/work.js';
import { nginxSnippet, type SnippetSettings } from '../../../src/domain/nginx-snippet.js';
import { tools } from '../../../src/stack/tools.js';
import { testVenv } from '../../support/servers.js';

export interface Asked {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Request {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
}

/** A name that nginx would read otherwise if it were not quoted. */
const FLAGS = "it's {a} flag; #1";

/** An application that answers 200 to everything, 503 at /busy, behind an nginx of its own. */
export class Site {
  readonly flag: string;
  readonly page: string;
  #running = false;

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly appPort: number,
    private readonly nginx: string,
    private readonly closeApp: () => Promise<void>,
  ) {
    this.flag = join(folder, FLAGS, 'closed');
    this.page = join(folder, FLAGS, 'page.html');
  }

  /** What nginx knows of the application: in `http {}`, and where it sends requests to. */
  passes = { http: '', to: 'http://app' };

  /** Each worker of nginx has an open_file_cache of its own. */
  workers = 2;

  static async open(snippet: Partial<SnippetSettings> = {}, server = '', own?: string): Promise<Site> {
    const nginx = own ?? tools(await testVenv()).nginx;
    const folder = await mkdtemp(join(tmpdir(), 'lk-closure-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'temp'));
    const app = createServer((asked, answer) => {
      asked.resume().on('end', () => setTimeout(() => answer.end('served'), 5));
      if (asked.url === '/busy') answer.statusCode = 503;
    });
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    const close = async () => {
      app.closeAllConnections();
      await new Promise<void>((resolve) => app.close(() => resolve()));
    };
    const site = new Site(folder, await freePort(), (app.address() as AddressInfo).port, nginx, close);
    await site.serve(site.snippet(snippet), server);
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  snippet = (settings: Partial<SnippetSettings> = {}): string =>
    nginxSnippet({ target: 'shop', flag: this.flag, open: ['/health'], ...settings });

  /** Starts nginx with this in its server; the one that runs is stopped: a reload takes effect at some time. */
  async serve(snippet: string, server = ''): Promise<void> {
    if (this.#running) await this.stop();
    const conf = join(this.folder, 'nginx.conf');
    await writeFile(
      conf,
      confOf(this.port, this.appPort, `${server}\n${snippet}`, { ...this.passes, workers: this.workers }),
    );
    await shell({ file: this.nginx, args: [...this.#args, '-t'] });
    await shell({ file: this.nginx, args: this.#args });
    this.#running = true;
  }

  /** Stops nginx and waits until nothing listens any more. */
  async stop(): Promise<void> {
    await shell({ file: this.nginx, args: [...this.#args, '-s', 'stop'] });
    this.#running = false;
    while (await this.ask().catch(() => null)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** kill -9 of it and of its workers, and waits until nothing listens any more. */
  async kill(): Promise<void> {
    const master = (await readFile(join(this.folder, 'nginx.pid'), 'utf8')).trim();
    const workers = await readFile(`/proc/${master}/task/${master}/children`, 'utf8');
    for (const pid of [master, ...workers.trim().split(/\s+/)].map(Number)) process.kill(pid, 'SIGKILL');
    this.#running = false;
    while (await this.ask().catch(() => null)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Starts it again as it was. */
  async again(): Promise<void> {
    await shell({ file: this.nginx, args: this.#args });
    this.#running = true;
  }

  ask({ path = '/', method = 'GET', headers = {}, body, agent }: Request = {}): Promise<Asked> {
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: agent ?? false };
      const asked = request(new URL(path, this.url), options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
        answer.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** A project with this site as its target `shop`; settings of its closure over those that work. */
  async project(
    databaseUrl: string,
    closure: Record<string, unknown> = {},
    name = 'lockkeeper',
  ): Promise<Home> {
    const shop = {
      database: { url: `file:${name}.url` },
      closure: { flag: this.flag, url: this.url, waitSeconds: 1, ...closure },
    };
    const config = join(this.folder, `${name}.yaml`);
    await writeFile(join(this.folder, `${name}.url`), databaseUrl);
    await writeFile(config, stringify({ version: 1, targets: { shop } }));
    return homeAt(config);
  }

  async close(): Promise<void> {
    if (this.#running) await this.stop();
    await this.closeApp();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** nginx as a command that knows its configuration. */
  get command(): string[] {
    return [this.nginx, ...this.#args];
  }

  get #args(): string[] {
    return ['-p', `${this.folder}/`, '-c', join(this.folder, 'nginx.conf'), '-e', 'error.log'];
  }
}

/** A step's caller who says nothing. */
export const quietly = (): Work => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  attempt: 1,
});

/** What a site answered to requests at a steady rate, in order. */
export interface Answered {
  atMs: number;
  tookMs: number;
  status: number | string;
}

/** Sends 100 requests a second, every third a POST, until the work is done. Nothing is tried twice. */
export async function underLoad(site: Site, work: () => Promise<void>): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true });
  const answered: Promise<Answered>[] = [];
  const send = () => {
    const atMs = Date.now();
    const method = answered.length % 3 ? 'GET' : 'POST';
    const asked = site.ask({ agent, method, ...(method === 'POST' ? { body: 'x'.repeat(2_000) } : {}) });
    answered.push(
      asked.then(
        ({ status }) => ({ atMs, tookMs: Date.now() - atMs, status }),
        (error: NodeJS.ErrnoException) => ({
          ...{ atMs, tookMs: Date.now() - atMs },
          status: error.code ?? error.message,
        }),
      ),
    );
  };
  const began = Date.now();
  // A busy machine wakes late: what is due by then is sent at once.
  const timer = setInterval(() => {
    while (answered.length < (Date.now() - began) / 10) send();
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  const all = await Promise.all(answered);
  agent.destroy();
  return all;
}

const confOf = (
  port: number,
  appPort: number,
  server: string,
  { http, to, workers }: { http: string; to: string; workers: number },
): string => `
worker_processes ${workers};
pid nginx.pid;
${process.getuid?.() === 0 ? 'user root root;' : ''}
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path temp/body;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;
  limit_req_zone $uri zone=slow:1m rate=1r/m;
  upstream app { server 127.0.0.1:${appPort}; keepalive 16; }
  ${http}
  server {
    listen 127.0.0.1:${port};
    ${server}
    location / { proxy_pass ${to}; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
