import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { containersOf } from '../../../src/adapters/compose/containers.js';
import type { WayName } from '../../../src/adapters/compose/ways.js';
import { startByCompose } from '../../../src/activities/compose/start.js';
import { composeOf, type ComposeTarget } from '../../../src/activities/compose/target.js';
import { homeAt, type Target } from '../../../src/activities/home.js';
import { upstreamsOf } from '../../../src/domain/nginx-peers.js';
import { dockerEngine, engine } from '../../support/docker/engine.js';
import { baseImage } from '../../support/docker/images.js';
import { freePort } from '../../support/free-port.js';
import { quietly, Site } from '../closure/site.js';
import { appOf, twoPorts } from './swap-app.js';

export interface Configured {
  target: Target;
  of: ComposeTarget;
}

/** Releases of an application on a real engine, behind a real nginx that knows both of its places. */
export class Swaps {
  private constructor(
    /** Name of the compose project. */
    readonly name: string,
    readonly folder: string,
    readonly site: Site,
    readonly ports: readonly [number, number],
    readonly images: Readonly<Record<string, string>>,
  ) {}

  static async open(releases: readonly string[], nginx?: string): Promise<Swaps> {
    await dockerEngine();
    const base = await baseImage();
    const images: Record<string, string> = {};
    for (const version of releases)
      images[version] = await made(base, `ENV VERSION=${version === 'crashing' ? '' : version}`);
    const ports = await twoPorts(freePort);
    const site = await Site.open({}, '', nginx);
    const folder = await mkdtemp(join(tmpdir(), 'lk-swap-'));
    const swaps = new Swaps(`lkswap${process.pid}`, folder, site, ports, images);
    site.passes = { http: upstreamsOf(swaps.peers), to: 'http://$lockkeeper_peer' };
    await site.serve(site.snippet({ peers: swaps.peers }));
    return swaps;
  }

  get peers() {
    const addresses = this.ports.map((port) => `127.0.0.1:${port}`) as [string, string];
    return { target: 'shop', addresses, file: join(this.site.folder, 'second') };
  }

  get reference(): string {
    return `lk-test/${this.name}:latest`;
  }

  async configured(way: WayName, drainSeconds = 1): Promise<Configured> {
    // A service with a health check, and one without, which is asked over HTTP.
    const app = (published: string) => appOf(this.reference, published, way === 'blue-green');
    const [one, other] = this.ports;
    // Of a swap before this one: by recreate nothing moves nginx.
    if (way === 'recreate') await rm(this.peers.file, { force: true });
    const services = {
      recreate: { app: app(`127.0.0.1:${one}:8000`) },
      rolling: { app: app(`127.0.0.1:${one}-${other}:8000`) },
      'blue-green': { blue: app(`127.0.0.1:${one}:8000`), green: app(`127.0.0.1:${other}:8000`) },
    }[way];
    await writeFile(join(this.folder, 'docker-compose.prod.yml'), stringify({ version: '3.7', services }));
    const { addresses, file } = this.peers;
    const deploy = {
      compose: {
        project: this.name,
        fetch: 'none',
        way,
        services: Object.keys(services),
        healthySeconds: 60,
      },
      environment: engine.env,
      peers: { addresses, file, url: this.site.url, drainSeconds },
    };
    const settings = { version: 1, targets: { shop: { database: { url: '${NOT_ASKED}' }, deploy } } };
    await writeFile(join(this.folder, 'lockkeeper.yaml'), stringify(settings));
    const target = homeAt(join(this.folder, 'lockkeeper.yaml')).target('shop');
    return { target, of: (await composeOf(target, quietly().signal))! };
  }

  /** Starts a release as a run does. @returns how it went */
  start(
    { target, of }: Configured,
    version: string,
    before: string | null,
    signal = quietly().signal,
  ): Promise<string> {
    const planned = {
      ...{ services: of.services, reference: this.reference, digest: null },
      ...{ id: this.images[version]!, running: before && this.images[before]! },
    };
    const plan = { release: version, running: before, images: [planned] };
    return startByCompose(of, { target, plan, back: false, runId: 'a', work: { ...quietly(), signal } });
  }

  /** State and release of every container that is there. */
  async containers({ of }: Configured): Promise<string[]> {
    const all = await Promise.all(of.services.map((service) => containersOf(of.project, service)));
    const releaseOf = (id: string) => Object.keys(this.images).find((version) => this.images[version] === id);
    return all.flat().map(({ status, image }) => `${status} ${releaseOf(image)}`);
  }

  /** The release that visitors see. */
  async served(): Promise<unknown> {
    return (await this.site.ask()).headers['x-version'];
  }

  async end(): Promise<void> {
    const ids = await engine.docker(
      ...['ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${this.name}`],
    );
    if (ids) await engine.docker('rm', '--force', ...ids.split('\n'));
  }

  async close(): Promise<void> {
    await this.end();
    await engine.docker('network', 'rm', `${this.name}_default`).catch(() => '');
    await this.site.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function made(base: string, change: string): Promise<string> {
  const container = await engine.docker('create', '--network', 'none', base, 'true');
  const id = await engine.docker('commit', '--change', change, container);
  await engine.docker('rm', container);
  return id;
}
