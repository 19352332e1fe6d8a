import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { bridgeLabels, bridgesOf, endBridges } from '../../../src/adapters/compose/bridge-containers.js';
import { composeFacts, fetchByCompose } from '../../../src/activities/compose/fetch.js';
import { placeOf } from '../../../src/activities/compose/target.js';
import { dockerEngine, engine } from '../../support/docker/engine.js';
import { baseImage } from '../../support/docker/images.js';
import { startRegistry } from '../../support/docker/registry.js';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/project.js';
import { composes, Started, work } from './started.js';

/** A real engine; the application is a shell that sleeps. */
describe.each(composes)('a target that is started by %s', (_, { isV1, more }) => {
  let started: Started;
  let v1: string;
  let v2: string;

  beforeAll(async () => {
    started = await Started.open(await dockerEngine(), await more());
    const base = await baseImage();
    v1 = await started.image(base, 'ENV VERSION=1');
    v2 = await started.image(base, 'ENV VERSION=2');
  }, 1_200_000);
  afterAll(() => started?.close(), 60_000);

  it('starts the first release, and says that nothing checks its health', async () => {
    expect(started.of.project.tool).toMatchObject({ isV1 });
    expect(await started.start(v1, null)).toContain('running, without a health check of its own');
    expect(await started.running()).toEqual([v1]);
  }, 120_000);

  it('replaces it after a kill of compose at any moment, and keeps what ran before', async () => {
    await engine.docker('tag', v2, started.reference);
    const [file = '', ...before] = started.of.project.tool.command;
    for (const ms of [700, 1_500]) {
      const args = [...before, '-p', started.name, '-f', 'docker-compose.prod.yml', 'up', '-d', 'app'];
      const child = spawn(file, args, { cwd: started.folder, env: { ...process.env, ...started.env } });
      await sleep(ms);
      child.kill('SIGKILL');
    }
    await started.start(v2, v1);
    expect(await started.running()).toEqual([v2]);
    expect([await started.idOf('backup'), await started.idOf('latest')]).toEqual([v1, v2]);
  }, 120_000);

  it('tells why a release ends at once, without its secrets, and goes back by the id', async () => {
    const ends = 'CMD ["sh", "-c", "echo cannot log in as shop:hunter22; exit 3"]';
    const crashing = await started.image(await baseImage(), ends);
    await expect(started.start(crashing, v2)).rejects.toMatchObject({
      code: 'container-failed',
      message: expect.stringMatching(/ended with exit code 3.*cannot log in as shop:•••/s),
    });
    await started.start(crashing, v2, true);
    expect(await started.running()).toEqual([v2]);
    expect(await started.idOf('latest')).toBe(v2);
  }, 120_000);

  it('tells what the check of one says that never becomes healthy', async () => {
    const check = 'HEALTHCHECK --interval=1s --retries=2 CMD echo no answer for hunter22; exit 1';
    const unhealthy = await started.image(await baseImage(), check);
    await expect(started.start(unhealthy, v2)).rejects.toMatchObject({
      code: 'container-failed',
      message: expect.stringMatching(/the container of app is unhealthy.*no answer for •••/s),
    });
    // What runs then is what the run itself has started.
    expect(await started.start(unhealthy, v2, true)).not.toContain('INSTEAD OF');
    expect(await started.running()).toEqual([v2]);
  }, 120_000);

  it('says so when what was approved is not there any more', async () => {
    await expect(started.start(`sha256:${'0'.repeat(64)}`, v2)).rejects.toMatchObject({ code: 'image-gone' });
    expect(await started.running()).toEqual([v2]);
  }, 60_000);

  it('names by whom it was replaced when somebody has started another image meanwhile', async () => {
    const note = await started.start(v1, `sha256:${'1'.repeat(64)}`);
    expect(note).toContain(`INSTEAD OF 111111111111 RAN ${v2.slice(7, 19)}`);
  }, 120_000);

  it('pulls, resolves the digest, and sees that a tag was moved since', async () => {
    const registry = await startRegistry(started.folder);
    const reference = `${registry.at}/shop:latest`;
    const fetched = (release?: string) => fetchByCompose(started.target, started.of, release, {});
    try {
      await push(v1, reference);
      await started.configure({ image: reference }, { fetch: 'pull' });
      const { name: release } = await fetched();
      const before = await composeFacts(started.target, release, work.signal);
      const digest = expect.stringMatching(/^127.*shop@sha256:[0-9a-f]{64}$/) as string;
      expect(before.images).toMatchObject([{ id: v1, digest }]);
      await push(v2, reference);
      await engine.docker('pull', '--quiet', reference);
      const after = await composeFacts(started.target, release, work.signal);
      expect(after.images).toMatchObject([{ id: v2 }]);
      await expect(fetched('r9')).rejects.toMatchObject({ code: 'image-not-fetched' });
    } finally {
      await registry.stop();
    }
    await expect(fetched()).rejects.toMatchObject({ code: 'image-not-fetched' });
  }, 240_000);

  it('says who has the port that the release wants', async () => {
    const port = await freePort();
    await started.configure({ ports: [`127.0.0.1:${port}:8000`] });
    const { createServer } = await import('node:net');
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await expect(started.start(v2, v1)).rejects.toMatchObject({
      code: 'up-failed',
      told: { next: expect.arrayContaining(['find who has the port: ss -ltnp']) as string[] },
    });
    other.close();
    await started.configure();
    await started.start(v2, v1, true);
    expect(await started.running()).toEqual([v1]);
  }, 120_000);

  it.each([
    ['a key that it does not know', { nosuchkey: 1 }, 'compose-invalid', /nosuchkey/],
    ['a variable that is not set', { command: '${NOT_SET:?set it}' }, 'compose-invalid', /NOT_SET.*set it/],
  ])('refuses a file with %s, in the words of compose', async (_what, app, code, words) => {
    await expect(started.configure(app)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
  });

  it('ends the container that a client has left at work', async () => {
    await started.configure();
    const place = placeOf(started.target);
    const labels = Object.entries(bridgeLabels('shop', 'try')).flatMap(([key, value]) => [
      '--label',
      `${key}=${value}`,
    ]);
    const args = ['run', '--rm', '--interactive', '--network', 'none', ...labels, v1, 'sleep', '600'];
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
