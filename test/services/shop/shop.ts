import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shell } from '../../../src/adapters/shell.js';

export interface Surroundings {
  /** Address of an empty database. */
  databaseUrl: string;
  /** Interpreter that has the shop's packages. */
  python: string;
  /** Folder of psql and pg_dump. */
  pgBin: string;
  nginx: string;
}

/** What bin/load.py writes at its end. */
export interface Traffic {
  requests: number;
  failed: number;
  byStatus: Record<string, number>;
  ordersTaken: number;
  slowestMs: number;
}

const SHOP = join(process.cwd(), 'examples/shop');

/** The shop on one database, behind an nginx of its own, in a folder of its own. */
export class Shop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'shop-'));
  private port = 0;

  private constructor(private readonly around: Surroundings) {}

  static async open(around: Surroundings): Promise<Shop> {
    const shop = new Shop(around);
    shop.port = await freePort();
    chmodSync(shop.folder, 0o755);
    mkdirSync(join(shop.folder, 'sites'));
    writeFileSync(join(shop.folder, 'nginx.conf'), NGINX_CONF);
    await shell({ file: around.nginx, args: shop.nginxArgs });
    return shop;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Runs alembic in the folder of a release. */
  async alembic(release: string, ...args: string[]): Promise<void> {
    const command = { file: this.around.python, args: ['-m', 'alembic', ...args], env: this.env };
    await shell({ ...command, cwd: join(SHOP, 'releases', release) });
  }

  async seed(orders: number): Promise<string> {
    return this.script('seed.py', ['--orders', String(orders)]);
  }

  async serve(...args: string[]): Promise<string> {
    return this.script('serve', args);
  }

  /** Begins a deploy and kills it, as kill -9 does, so many milliseconds later. */
  async killedDeploy(release: string, ms: number): Promise<void> {
    const deploy = spawn(this.around.python, [join(SHOP, 'bin/serve'), 'start', release], { env: this.env });
    const end = once(deploy, 'exit');
    setTimeout(() => deploy.kill('SIGKILL'), ms);
    await end;
  }

  /** Sends traffic while the work is done. @returns what became of its requests */
  async under(rate: number, work: () => Promise<void>): Promise<Traffic> {
    const [out, summary] = [join(this.folder, 'requests.jsonl'), join(this.folder, 'summary.json')];
    const args = ['--url', this.url, '--rate', String(rate), '--out', out, '--summary', summary];
    const load = spawn(this.around.python, [join(SHOP, 'bin/load.py'), ...args], {
      env: this.env,
      stdio: 'inherit',
    });
    const end = once(load, 'exit');
    try {
      await work();
    } finally {
      load.kill('SIGTERM');
      await end;
    }
    return JSON.parse(readFileSync(summary, 'utf8')) as Traffic;
  }

  /** Closes the site by the flag file while the work is done. */
  async closed(work: () => Promise<void>): Promise<void> {
    const folder = join(this.folder, 'home', 'closure');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'flag'), '');
    await work();
    rmSync(join(folder, 'flag'));
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`${this.url}${path}`)).json();
  }

  async post(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return (
      await fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    ).json();
  }

  /** The rows of a query, columns separated by '|'. */
  async sql(query: string): Promise<string[]> {
    const file = join(this.around.pgBin, 'psql');
    const { stdout } = await shell({ file, args: ['-XAtc', query, this.around.databaseUrl] });
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** The schema as SQL, without the lines that differ from dump to dump. */
  async schema(): Promise<string> {
    const file = join(this.around.pgBin, 'pg_dump');
    const { stdout } = await shell({ file, args: ['--schema-only', '--dbname', this.around.databaseUrl] });
    return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '');
  }

  /** Stops the application and nginx. The database is the caller's. */
  async close(): Promise<void> {
    await this.serve('stop');
    await shell({ file: this.around.nginx, args: [...this.nginxArgs, '-s', 'stop'] });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  private get nginxArgs(): string[] {
    return ['-p', this.folder, '-c', 'nginx.conf'];
  }

  private get env(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      PYTHONDONTWRITEBYTECODE: '1',
      DATABASE_URL: this.around.databaseUrl,
      SHOP_HOME: join(this.folder, 'home'),
      SHOP_PORT: String(this.port),
      SHOP_PYTHON: this.around.python,
      SHOP_NGINX: [this.around.nginx, ...this.nginxArgs].join(' '),
      SHOP_NGINX_SITE: join(this.folder, 'sites/shop.conf'),
    };
  }

  private async script(name: string, args: string[]): Promise<string> {
    const command = { file: this.around.python, args: [join(SHOP, 'bin', name), ...args], env: this.env };
    return (await shell(command)).stdout;
  }
}

const NGINX_CONF = `
worker_processes 2;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxied;
  include sites/*.conf;
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
