import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shell } from '../../../src/adapters/shell.js';
import { Engine } from '../../support/docker/engine.js';
import { sample } from '../../support/kills-sample.js';
import { composes, Started } from './started.js';

const RUN = 'CMD ["/bin/busybox", "sleep", "600"]';

/** An engine of its own: others work with that of all tests. Its images are nothing but a shell. */
describe.each(composes)('an engine that is killed while %s swaps the release', (_, { more }) => {
  let engine: Engine;
  let started: Started;
  let v1: string;
  let v2: string;

  beforeAll(async () => {
    engine = await new Engine(await mkdtemp(join(tmpdir(), 'lk-engine-'))).start();
    const args = [
      '-o',
      'pipefail',
      '-c',
      'tar --create --directory / bin/busybox | docker import - lk-test/shell',
    ];
    await shell({ file: 'bash', args, env: engine.env });
    started = await Started.open(engine, await more());
    v1 = await started.image('lk-test/shell', RUN, 'ENV VERSION=1');
    v2 = await started.image('lk-test/shell', RUN, 'ENV VERSION=2');
  }, 1_200_000);
  afterAll(async () => {
    await started?.close();
    await engine?.remove();
  }, 120_000);

  it.each(sample([200, 800, 1_500, 2_500, 4_000, 6_000], 1))(
    '%d ms after it began: the next attempt waits for it, and goes on',
    async (ms) => {
      await started.start(v1, null);
      const cut = started.start(v2, v1).catch((error: unknown) => error);
      await sleep(ms);
      await engine.kill();
      const seen = await cut;
      if (typeof seen !== 'string') expect(seen).toMatchObject({ code: 'docker-unreachable' });
      const again = started.start(v2, v1);
      await sleep(1_000);
      await engine.start();
      expect(await again).toContain(`image ${v2.slice(7, 19)}`);
      expect(await started.running()).toEqual([v2]);
      expect([await started.idOf('backup'), await started.idOf('latest')]).toEqual([v1, v2]);
    },
    180_000,
  );
});
