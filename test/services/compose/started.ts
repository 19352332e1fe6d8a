import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { containersOf } from '../../../src/adapters/compose/containers.js';
import { startByCompose } from '../../../src/activities/compose/start.js';
import { composeOf, type ComposeTarget } from '../../../src/activities/compose/target.js';
import { homeAt, type Target } from '../../../src/activities/home.js';
import type { Work } from '../../../src/activities/work.js';
import type { PlannedImage } from '../../../src/domain/image.js';
import { composeV2 } from '../../support/docker/compose-v2.js';
import type { Engine } from '../../support/docker/engine.js';
import { whole } from '../../support/kills-sample.js';

export const work: Work = {
  signal: new AbortController().signal,
  attempt: 1,
  progress: () => undefined,
};

type Environment = Readonly<Record<string, string>>;

interface Compose {
  isV1: boolean;
  /** What leads the docker CLI to it. */
  more: () => Promise<Environment>;
}

/** Debian's docker-compose; in the matrix the plugin, too. */
export const composes: [name: string, Compose][] = [
  ['docker-compose 1.29', { isV1: true, more: () => Promise.resolve({}) }],
  ['the plugin, compose 2', { isV1: false, more: async () => ({ DOCKER_CONFIG: await composeV2() }) }],
].slice(0, whole ? 2 : 1) as [string, Compose][];

/** A target that is started by compose on a real engine; the application is a shell that sleeps. */
export class Started {
  of!: ComposeTarget;
  target!: Target;

  private constructor(
    readonly engine: Engine,
    readonly folder: string,
    /** Of the compose project. */
    readonly name: string,
    readonly env: Environment,
  ) {}

  static async open(engine: Engine, more: Environment = {}): Promise<Started> {
    const folder = await mkdtemp(join(tmpdir(), 'lk-compose-'));
    const name = `lk${randomBytes(4).toString('hex')}`;
    const started = new Started(engine, folder, name, { ...engine.env, ...more });
    await started.configure();
    return started;
  }

  get reference(): string {
    return `lk-test/${this.name}:latest`;
  }

  /** An image that differs by this. @returns its id */
  async image(base: string, ...changes: readonly string[]): Promise<string> {
    const { docker } = this.engine;
    const all = ['CMD ["sleep", "600"]', ...changes].flatMap((line) => ['--change', line]);
    const container = await docker('create', '--network', 'none', base, 'true');
    const id = await docker('commit', ...all, container);
    await docker('rm', container);
    return id;
  }

  /** @param app - over what the service has */
  async configure(
    app: Readonly<Record<string, unknown>> = {},
    compose: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const service = {
      image: this.reference,
      init: true,
      environment: { API_TOKEN: 'hunter22' },
      ...(app['ports'] ? {} : { network_mode: 'none' }),
      ...app,
    };
    await writeFile(join(this.folder, 'docker-compose.prod.yml'), stringify({ services: { app: service } }));
    const deploy = {
      compose: { project: this.name, fetch: 'none', healthySeconds: 20, ...compose },
      environment: this.env,
    };
    const settings = { version: 1, targets: { shop: { database: { url: '${NOT_ASKED}' }, deploy } } };
    await writeFile(join(this.folder, 'lockkeeper.yaml'), stringify(settings));
    await this.read();
  }

  /** As each step reads it anew. */
  async read(): Promise<void> {
    this.target = homeAt(join(this.folder, 'lockkeeper.yaml')).target('shop');
    this.of = (await composeOf(this.target, work.signal))!;
  }

  planned = (id: string, running: string | null): PlannedImage => ({
    ...{ services: ['app'], reference: this.reference, digest: null },
    ...{ id, running },
  });

  /** Starts it as a run does. @param back - what ran before is put back @returns how it went */
  start = (id: string, running: string | null, back = false): Promise<string> =>
    startByCompose(this.of, {
      target: this.target,
      plan: { release: 'r2', running: 'r1', images: [this.planned(id, running)] },
      back,
      runId: 'a',
      work,
    });

  /** Ids of the images that run. */
  async running(): Promise<string[]> {
    const all = await containersOf(this.of.project, 'app');
    return all.filter(({ status }) => status === 'running').map((each) => each.image);
  }

  idOf = (tag: string): Promise<string> =>
    this.engine.docker('image', 'inspect', '--format', '{{.Id}}', this.reference.replace('latest', tag));

  async close(): Promise<void> {
    const label = `label=com.docker.compose.project=${this.name}`;
    const ids = await this.engine.docker('ps', '--all', '--quiet', '--filter', label).catch(() => '');
    if (ids) await this.engine.docker('rm', '--force', ...ids.split('\n'));
    await this.engine.docker('network', 'rm', `${this.name}_default`).catch(() => '');
    await rm(this.folder, { recursive: true, force: true });
  }
}
