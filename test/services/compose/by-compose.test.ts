import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { bridgeLabels, bridgesOf, endBridges } from '../../../src/adapters/compose/bridge-containers.js';
import { containersOf } from '../../../src/adapters/compose/containers.js';
import { composeFacts, fetchByCompose } from '../../../src/activities/compose/fetch.js';
import { startByCompose } from '../../../src/activities/compose/start.js';
import { composeOf, placeOf, type ComposeTarget } from '../../../src/activities/compose/target.js';
import { homeAt, type Target } from '../../../src/activities/home.js';
import type { Work } from '../../../src/activities/work.js';
import type { PlannedImage } from '../../../src/domain/image.js';
import { dockerEngine, engine } from '../../support/docker/engine.js';
import { baseImage } from '../../support/docker/images.js';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/project.js';

const work: Work = { signal: new AbortController().signal, attempt: 1, progress: () => undefined };

/** Debian's docker-compose on a real engine; the application is a shell that sleeps. */
describe('a target that is started by compose', () => {
  let folder: string;
  let target: Target;
  let of: ComposeTarget;
  const image: Record<'v1' | 'v2' | 'crashing', string> = { v1: '', v2: '', crashing: '' };
  const name = `lk${process.pid}`;
  const repository = `lk-test/${name}`;

  beforeAll(async () => {
    await dockerEngine();
    folder = await mkdtemp(join(tmpdir(), 'lk-compose-'));
    const base = await baseImage();
    image.v1 = await made(base, 'ENV VERSION=1');
    image.v2 = await made(base, 'ENV VERSION=2');
    image.crashing = await made(base, 'CMD ["sh", "-c", "echo cannot log in as shop:hunter22; exit 3"]');
    target = await configured(`${repository}:latest`);
    of = (await composeOf(target, work.signal))!;
  }, 900_000);

  afterAll(async () => {
    const all = await containersOf(of.project, 'app');
    if (all.length) await engine.docker('rm', '--force', ...all.map(({ id }) => id));
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function made(base: string, change: string): Promise<string> {
    const run = ['CMD ["sleep", "600"]', change].flatMap((line) => ['--change', line]);
    const container = await engine.docker('create', '--network', 'none', base, 'true');
    const id = await engine.docker('commit', ...run, container);
    await engine.docker('rm', container);
    return id;
  }

  async function configured(reference: string, fetch = 'none'): Promise<Target> {
    const app = {
      image: reference,
      network_mode: 'none',
      init: true,
      environment: { API_TOKEN: 'hunter22' },
    };
    await writeFile(join(folder, 'docker-compose.prod.yml'), stringify({ services: { app } }));
    const deploy = { compose: { project: name, fetch, healthySeconds: 20 }, environment: engine.env };
    const settings = { version: 1, targets: { shop: { database: { url: '${NOT_ASKED}' }, deploy } } };
    await writeFile(join(folder, 'lockkeeper.yaml'), stringify(settings));
    return homeAt(join(folder, 'lockkeeper.yaml')).target('shop');
  }

  const planned = (id: string, running: string | null): PlannedImage => ({
    ...{ services: ['app'], reference: `${repository}:latest`, digest: null },
    ...{ id, running },
  });
  const start = (one: PlannedImage, back = false) =>
    startByCompose(of, {
      target,
      plan: { release: 'r2', running: 'r1', images: [one] },
      back,
      runId: 'a',
      work,
    });
  const running = async () =>
    (await containersOf(of.project, 'app'))
      .filter(({ status }) => status === 'running')
      .map((each) => each.image);
  const idOf = (tag: string) =>
    engine.docker('image', 'inspect', '--format', '{{.Id}}', `${repository}:${tag}`);

  it('starts the first release, and says that nothing checks its health', async () => {
    expect(await start(planned(image.v1, null))).toContain('running, without a health check of its own');
    expect(await running()).toEqual([image.v1]);
  }, 120_000);

  it('replaces it after a kill of compose at any moment, and keeps what ran before', async () => {
    await engine.docker('tag', image.v2, `${repository}:latest`);
    for (const ms of [700, 1_500]) {
      const args = ['-p', name, '-f', 'docker-compose.prod.yml', 'up', '-d', 'app'];
      const child = spawn('docker-compose', args, { cwd: folder, env: { ...process.env, ...engine.env } });
      await sleep(ms);
      child.kill('SIGKILL');
    }
    await start(planned(image.v2, image.v1));
    expect(await running()).toEqual([image.v2]);
    expect([await idOf('backup'), await idOf('latest')]).toEqual([image.v1, image.v2]);
  }, 120_000);

  it('tells why a release ends at once, without its secrets, and goes back by the id', async () => {
    const failed = start(planned(image.crashing, image.v2));
    await expect(failed).rejects.toMatchObject({
      code: 'container-failed',
      message: expect.stringMatching(/ended with exit code 3.*cannot log in as shop:•••/s),
    });
    await start(planned(image.crashing, image.v2), true);
    expect(await running()).toEqual([image.v2]);
    expect(await idOf('latest')).toBe(image.v2);
  }, 120_000);

  it('says so when what was approved is not there any more', async () => {
    const gone = planned(`sha256:${'0'.repeat(64)}`, image.v2);
    await expect(start(gone)).rejects.toMatchObject({ code: 'image-gone' });
    expect(await running()).toEqual([image.v2]);
  }, 60_000);

  it('names by whom it was replaced when somebody has started another image meanwhile', async () => {
    const note = await start(planned(image.v1, image.crashing));
    expect(note).toContain(`INSTEAD OF ${image.crashing.slice(7, 19)} RAN ${image.v2.slice(7, 19)}`);
  }, 120_000);

  it('pulls, resolves the digest, and sees that a tag was moved since', async () => {
    const registry = await startRegistry(folder);
    const reference = `127.0.0.1:${registry.port}/shop:latest`;
    try {
      await push(image.v1, reference);
      target = await configured(reference, 'pull');
      of = (await composeOf(target, work.signal))!;
      const { name: release } = await fetchByCompose(target, of, undefined, {});
      const before = await composeFacts(target, release, work.signal);
      const digest = expect.stringMatching(/^127.*shop@sha256:[0-9a-f]{64}$/) as string;
      expect(before.images).toMatchObject([{ id: image.v1, digest }]);
      await push(image.v2, reference);
      await engine.docker('pull', '--quiet', reference);
      const after = await composeFacts(target, release, work.signal);
      expect(after.images).toMatchObject([{ id: image.v2 }]);
      await expect(fetchByCompose(target, of, 'r9', {})).rejects.toMatchObject({ code: 'image-not-fetched' });
    } finally {
      await registry.stop();
    }
    await expect(fetchByCompose(target, of, undefined, {})).rejects.toMatchObject({
      code: 'image-not-fetched',
    });
  }, 120_000);

  it('ends the container that a client has left at work', async () => {
    const place = placeOf(target);
    const labels = Object.entries(bridgeLabels('shop', 'try')).flatMap(([key, value]) => [
      '--label',
      `${key}=${value}`,
    ]);
    const args = ['run', '--rm', '--interactive', '--network', 'none', ...labels, image.v1, 'sleep', '600'];
    const client = spawn('docker', args, {
      env: { ...process.env, ...engine.env },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await until(async () => (await bridgesOf(place, 'shop')).length === 1, 30_000, 'the container');
    client.kill('SIGKILL');
    await once(client, 'exit');
    expect(await bridgesOf(place, 'shop', 'another attempt')).toEqual([]);
    expect(await bridgesOf(place, 'shop', 'try')).toHaveLength(1);
    expect(await endBridges(place, 'shop')).toEqual([]);
    expect(await bridgesOf(place, 'shop')).toEqual([]);
  }, 60_000);
});

async function push(image: string, reference: string): Promise<void> {
  await engine.docker('tag', image, reference);
  await engine.docker('push', '--quiet', reference);
}

/** Debian's docker-registry, on loopback. */
async function startRegistry(folder: string): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const config = join(folder, 'registry.yml');
  const storage = { filesystem: { rootdirectory: join(folder, 'registry') } };
  await writeFile(config, stringify({ version: 0.1, storage, http: { addr: `127.0.0.1:${port}` } }));
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, 30_000, 'the registry');
  return {
    port,
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
