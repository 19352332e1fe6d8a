import { randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from '../../../src/adapters/shell.js';
import { freePort } from '../free-port.js';
import { Project, runProgram, until, type Ran } from '../project.js';
import { projectPython, templateDatabase } from '../servers.js';
import { root } from '../test-stack.js';
import { composeV2 } from './compose-v2.js';
import { dockerEngine, engine } from './engine.js';
import { baseImage, shopImage } from './images.js';

/** Debian's docker-compose; with `LOCKKEEPER_COMPOSE=2` the plugin, which is built where there is none yet. */
const isV2 = process.env.LOCKKEEPER_COMPOSE === '2';

/** examples/compose in a folder of its own: the shop at r1, in real containers, behind a real nginx. */
export class ComposeExample {
  private constructor(
    readonly project: Project,
    /** `ghcr.io/acme/shop-…`: its own, so that tests do not meet. */
    readonly repository: string,
    readonly site: string,
    readonly migration: string,
    private readonly files: readonly string[],
    private readonly settings: Settings,
    private readonly isPushed: boolean,
  ) {}

  /**
   * @param way - `blue-green`: as in docker-compose.green.yml
   * @param registry - `127.0.0.1:5000`: images are pulled from there; without one none is
   */
  static async make(way: 'recreate' | 'blue-green' = 'recreate', registry?: string): Promise<ComposeExample> {
    await dockerEngine();
    const id = randomBytes(4).toString('hex');
    const [nginx, first] = [await baseImage(), await shopImage('r1')];
    const ports: Ports = { app: await freePort(), green: await freePort(), site: await freePort() };
    const site = `http://127.0.0.1:${ports.site}`;
    const migration = `shop_migration_${id}`;
    const env = {
      ...engine.env,
      ...(isV2 ? { DOCKER_CONFIG: await composeV2() } : {}),
      GITHUB_REPOSITORY: `acme/shop-${id}`,
      COMPOSE_PROJECT_NAME: `shop${id}`,
      MIGRATION_CONTAINER: migration,
      NGINX_IMAGE: nginx,
      APP_PORT: String(ports.app),
      GREEN_PORT: String(ports.green),
    };
    const environment = { DATABASE_URL: '${DATABASE_URL}' };
    const fetch = registry ? 'pull' : 'none';
    const settings = {
      release: {},
      alembic: { container: { service: 'migration' }, environment },
      deploy: { ...deployOf(way, ports, fetch), environment },
      closure: { flag: 'site/closed', seenAs: '/site/closed', url: `${site}/products` },
      health: { url: `${site}/health`, expect: { status: 'ok' }, deadlineSeconds: 30 },
      verify: [],
    };
    const template = await templateDatabase('lk_shop_r1', upgradeToR1);
    const project = await Project.make({ template, releases: {}, settings, env });
    const repository = `${registry ?? 'ghcr.io'}/acme/shop-${id}`;
    const told = [filesOf(way), settings, registry !== undefined] as const;
    const example = new ComposeExample(project, repository, site, migration, ...told);
    await cp(join(root, 'examples', 'compose'), project.home, {
      recursive: true,
      filter: (path) => !path.endsWith('lockkeeper.yaml'),
    });
    await nginxFor(project, way, ports);
    if (registry) await example.edit((text) => text.replaceAll('ghcr.io/', `${registry}/`));
    await example.release(first);
    return example;
  }

  /** Changes the compose file. @returns how it was */
  async edit(change: (text: string) => string): Promise<string> {
    const path = this.project.path('docker-compose.prod.yml');
    const before = await readFile(path, 'utf8');
    await writeFile(path, change(before));
    return before;
  }

  /** Sets something of `deploy.compose` over what there is; nothing: as at first. */
  configure(compose: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { deploy } = this.settings;
    const changed = { ...deploy, compose: { ...deploy.compose, ...compose } };
    return this.project.configure({ ...this.settings, deploy: changed });
  }

  /** Starts the application and nginx, and waits until they answer. */
  async up(): Promise<void> {
    const up = await this.compose('up', '-d', 'app', 'nginx');
    if (up.code !== 0) throw new Error(up.err);
    await until(async () => (await this.visit()) !== null, 120_000, 'the site', 500);
  }

  get latest(): string {
    return `${this.repository}:latest`;
  }

  /** As the team's CI does after a build: the tag moves. @returns id of the image */
  async release(image: string): Promise<string> {
    await engine.docker('tag', image, this.latest);
    if (this.isPushed) await engine.docker('push', '--quiet', this.latest);
    return this.idOf(this.latest);
  }

  idOf = (image: string): Promise<string> => engine.docker('image', 'inspect', '--format', '{{.Id}}', image);

  /** Ids of a service's containers that run, a line each. */
  containers(service = 'app'): Promise<string> {
    const labels = [`project=${this.project.env['COMPOSE_PROJECT_NAME']}`, `service=${service}`];
    const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
    return engine.docker('ps', '--quiet', ...filters);
  }

  /** How a container has ended. */
  exitCode = (container: string): Promise<string> =>
    engine.docker('container', 'inspect', '--format', '{{.State.ExitCode}}', container);

  /** Id of the image that a service's container runs; empty when none does. */
  async running(service = 'app'): Promise<string> {
    const ids = await this.containers(service);
    return ids ? engine.docker('container', 'inspect', '--format', '{{.Image}}', ...ids.split('\n')) : '';
  }

  /** The runbook's own line, as typed. */
  compose(...args: readonly string[]): Promise<Ran> {
    const [file, ...before] = isV2 ? ['docker', 'compose'] : ['docker-compose'];
    return this.run(file!, ...before, ...this.files.flatMap((each) => ['-f', each]), ...args);
  }

  run(file: string, ...args: readonly string[]): Promise<Ran> {
    return runProgram(file, args, { cwd: this.project.home, env: this.project.env, ms: 300_000 });
  }

  /** What visitors get. */
  async visit(path = '/health'): Promise<unknown> {
    const answer = await fetch(`${this.site}${path}`).catch(() => null);
    return answer ? answer.json().catch(() => answer.status) : null;
  }

  async close(): Promise<void> {
    const label = `label=com.docker.compose.project=${this.project.env['COMPOSE_PROJECT_NAME']}`;
    const ids = await engine.docker('ps', '--all', '--quiet', '--filter', label);
    if (ids) await engine.docker('rm', '--force', ...ids.split('\n'));
    const tags = await engine.docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', this.repository);
    if (tags) await engine.docker('rmi', ...tags.split('\n')).catch(() => '');
    await this.project.close();
  }
}

interface Ports {
  app: number;
  green: number;
  site: number;
}

const filesOf = (way: string): string[] => [
  'docker-compose.prod.yml',
  ...(way === 'blue-green' ? ['docker-compose.green.yml'] : []),
];

interface Settings {
  readonly deploy: { readonly compose: object };
  readonly [name: string]: unknown;
}

function deployOf(way: string, { app, green, site }: Ports, fetch: 'none' | 'pull') {
  const compose = { file: filesOf(way), fetch, healthySeconds: 90, way };
  if (way === 'recreate') return { compose: { ...compose, services: 'app' } };
  const peers = {
    addresses: [`127.0.0.1:${app}`, `127.0.0.1:${green}`],
    ...{ file: 'site/second', seenAs: '/site/second' },
    ...{ url: `http://127.0.0.1:${site}/`, drainSeconds: 1 },
  };
  return { compose: { ...compose, services: ['app', 'green'] }, peers };
}

/** nginx's files, for the target's own name and ports: as `lockkeeper init --nginx` writes them, and says what to add. */
async function nginxFor(project: Project, way: string, ports: Ports): Promise<void> {
  const written = await project.cli(['init', '--nginx', project.target]);
  if (written.code !== 0) throw new Error(written.err);
  const from = (name: string) => project.path('.lockkeeper', 'nginx', `${project.target}${name}.conf`);
  await cp(from(''), project.path('nginx', 'lockkeeper.conf'));
  const conf = project.path('nginx', 'nginx.conf');
  const text = (await readFile(conf, 'utf8'))
    .replace('127.0.0.1:8000', `127.0.0.1:${ports.app}`)
    .replace(':8080;', `:${ports.site};`);
  if (way !== 'blue-green') return writeFile(conf, text);
  await cp(from('-upstreams'), project.path('nginx', 'lockkeeper-upstreams.conf'));
  await writeFile(
    conf,
    text
      .replace(/ {2}upstream shop \{.*?\n {2}\}\n/s, '  include /etc/nginx/lockkeeper-upstreams.conf;\n')
      .replace('proxy_pass http://shop;', 'proxy_pass http://$lockkeeper_peer;'),
  );
}

/** At r1, with a customer and an order. */
async function upgradeToR1(url: string): Promise<void> {
  const cwd = join(root, 'examples', 'shop', 'releases', 'r1');
  const env = { DATABASE_URL: url, PYTHONDONTWRITEBYTECODE: '1' };
  await shell({ file: projectPython, args: ['-m', 'alembic', 'upgrade', 'head'], cwd, env });
  const fill = `import asyncio, asyncpg, os
async def main():
    c = await asyncpg.connect(os.environ["DATABASE_URL"])
    await c.execute("insert into customers (name, email) values ('Ana', 'ana@example.com')")
    await c.execute("insert into products (name, price) values ('tea', 3.50)")
    await c.execute("insert into orders (customer_id, total) select 1, g from generate_series(1, 100) g")
    await c.close()
asyncio.run(main())`;
  await shell({ file: projectPython, args: ['-c', fill], cwd, env });
}
