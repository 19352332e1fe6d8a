import { chown, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { withClient } from '../../src/adapters/postgres/client.js';
import { ComposeExample } from '../support/docker/compose-example.js';
import { engine } from '../support/docker/engine.js';
import { imageLike, shopImage } from '../support/docker/images.js';
import { startRegistry, type Registry } from '../support/docker/registry.js';
import { temporaryFolder } from '../support/temporary.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/project.js';
import { told } from '../support/told.js';

const MS = 300_000;
const NOBODY = 65_534;
/** What the shop says when it must not be asked. */
const ILL = `async def health(engine):
    return {"status": "unavailable", "release": "r2", "revision": None, "reason": "the till is broken"}
`;

/** The shop of examples/compose at r1, its images in a registry. Whatever a deploy of r2 meets, r1 is what people see afterwards. */
describe('a deploy by compose that meets', () => {
  let example: ComposeExample;
  let registry: Registry;
  let r1: string;
  let r2: string;

  beforeAll(async () => {
    r2 = await imageLike(await shopImage('r2'));
    registry = await startRegistry(temporaryFolder('registry'));
    example = await ComposeExample.make('recreate', registry.at);
    r1 = await example.idOf(example.latest);
    await example.up();
  }, 900_000);
  afterAll(async () => {
    await example?.close();
    await registry?.stop();
  });

  const cli = (...args: string[]) => example.project.cli([...args, example.project.target], { ms: MS });
  const deploy = (...more: string[]) => ['deploy', '--auto-migrate', '--health-check', ...more];
  const revision = () =>
    withClient(example.project.url, { applicationName: 'test' }, async (client) => {
      const { rows } = await client.query<{ at: string }>('select version_num as at from alembic_version');
      return rows[0]?.at;
    });
  const containers = () => {
    const labels = [`project=${example.project.env['COMPOSE_PROJECT_NAME']}`, 'service=app'];
    const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
    return engine.docker('ps', '--quiet', ...filters);
  };

  async function expectFirst(): Promise<void> {
    expect([await example.running(), await revision()]).toEqual([r1, '0001_first']);
    await until(async () => (await example.visit('/products')) !== 502, 30_000, 'r1');
    expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r1', revision: '0001_first' });
    expect(await example.visit('/products')).toMatchObject([{ name: 'tea' }]);
  }

  /** Nothing was begun: not even the container is another one. @returns what was told */
  async function expectRefused(...args: string[]): Promise<string> {
    const before = await containers();
    const ran = await cli(...args);
    expect(ran.code).toBe(1);
    expect(await containers()).toBe(before);
    await expectFirst();
    const words = told(example.project, ran);
    expect(words).toContain('The database is unchanged, the release is unchanged.');
    return words;
  }

  /** It went wrong on the way, and all of it was put back. @returns what was told */
  async function expectUndone(image: string, ...more: string[]): Promise<string> {
    await example.release(image);
    const ran = await cli(...deploy(...more));
    expect(ran.code).toBe(1);
    await expectFirst();
    expect(await example.idOf(example.latest)).toBe(r1);
    return told(example.project, ran);
  }

  it(
    'a worker who may not use the engine',
    async () => {
      const { project } = example;
      for (const path of ['', ...(await readdir(project.home, { recursive: true }))])
        await chown(join(project.home, path), NOBODY, NOBODY);
      const nobody = { HOME: project.home };
      const worker = await project.worker(nobody, NOBODY);
      const as = { env: nobody, as: NOBODY, ms: MS };
      const ran = await project.cli([...deploy(), project.target], as);
      expect(ran.code).toBe(1);
      expect(told(project, ran)).toMatch(
        /failed +fetch release.*error: the worker may not use the Docker engine\n +why .*docker\.sock.*permission denied\n +next +1\. add its user to the group docker.*code +docker-no-rights/s,
      );
      const doctor = await project.cli(['doctor', project.target], as);
      expect(told(project, doctor)).toContain('the worker may not use the Docker engine');
      await worker.stop();
      await expectFirst();
      await project.worker();
    },
    MS,
  );

  it(
    'an image that the registry does not have',
    async () => {
      expect(await expectRefused(...deploy('--release', 'r9'))).toMatch(
        /failed +fetch release.*error: the image \S+:r9 could not be pulled\n +why .*manifest unknown.*code +image-not-fetched/s,
      );
    },
    MS,
  );

  it(
    'an image that nobody has brought here',
    async () => {
      await example.configure({ fetch: 'none' });
      expect(await expectRefused(...deploy('--release', 'r9'))).toMatch(
        /failed +fetch release.*error: there is no image \S+:r9 on this host\n +next +1\. pull or build it.*code +image-missing/s,
      );
      await example.configure();
    },
    MS,
  );

  it(
    'another image under the name of the one that was approved',
    async () => {
      await example.release(r2);
      const asked = await cli('deploy', '--manual-migrate');
      expect(asked).toMatchObject({ code: 3, err: '' });
      const plan = /--plan ([0-9a-f]{12})/.exec(asked.out)?.[1] ?? 'none';
      // Somebody pushes once more, and pulls it here to have a look.
      const other = await example.release(await imageLike(r2));
      await example.project.cli(['approve', example.project.target, '--plan', plan, '--choice', 'migrate']);
      const ended = await example.project.cli(['status', example.project.target, '--watch'], { ms: MS });
      const words = told(example.project, ended);
      expect(words).toMatch(/failed +compare.*code +plan-changed/s);
      expect(words).toContain(other.slice(7, 19));
      await expectFirst();
    },
    MS,
  );

  it(
    'a container that ends at once',
    async () => {
      const broken = 'raise SystemExit("cannot log in as shop")\n';
      const words = await expectUndone(await imageLike(r2, { 'shop/main.py': broken }));
      expect(words).toMatch(
        /failed +deploy.*undone +put the release back.*undone +put the schema back.*the container of app (was restarted \d+ times, last|ended) with exit code 1\n.*cannot log in as shop.*code +container-failed/s,
      );
    },
    MS,
  );

  it(
    'a container that never becomes healthy',
    async () => {
      const words = await expectUndone(await imageLike(r2, { 'shop/health.py': ILL }));
      expect(words).toMatch(
        /failed +deploy.*undone +put the release back.*undone +put the schema back.*the container of app is unhealthy\n.*its check says: .*503.*code +container-failed/s,
      );
    },
    MS,
  );

  it(
    'a port that somebody else has: it waits for a person, and goes back when the file is as it was',
    async () => {
      const { project } = example;
      const port = await freePort();
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      await example.release(r2);
      const before = await example.edit((text) => text.replaceAll('${APP_PORT:-8000}', String(port)));
      const stuck = await cli(...deploy());
      expect(stuck.code).toBe(4);
      expect(told(project, stuck)).toMatch(
        /failed +deploy.*address already in use.*find who has the port: ss -ltnp/s,
      );
      expect(await project.record()).toMatchObject({ outcome: 'repair' });
      await example.edit(() => before);
      await cli('retry');
      const ended = await cli('status', '--watch');
      expect(told(project, ended)).toMatch(/undone +put the release back.*undone +put the schema back/s);
      await expectFirst();
      other.close();
    },
    MS,
  );

  describe('an nginx whose configuration was broken before', () => {
    let good: string;
    const conf = () => example.project.path('nginx', 'nginx.conf');
    beforeAll(async () => {
      good = await readFile(conf(), 'utf8');
      await writeFile(conf(), good.replace('keepalive 16;', 'keepalive sixteen;'));
    });

    it(
      'and that has ended since: the site is not closed, what was deployed goes back, and it is told where to look',
      async () => {
        const { project } = example;
        await example.compose('restart', '-t', '1', 'nginx');
        await until(async () => (await example.visit()) === null, 30_000, 'the end of nginx');
        const on = await project.cli(['maintenance', 'on', project.target], { ms: MS });
        expect(told(project, on)).toMatch(/nothing answers at .*nginx -t.*code +\S+/s);
        await example.release(r2);
        const ran = await cli(...deploy());
        expect(ran.code).toBe(1);
        expect(told(project, ran)).toMatch(
          /failed +health.*undone +put the release back.*undone +put the schema back/s,
        );
        expect([await example.running(), await revision()]).toEqual([r1, '0001_first']);
        expect(await example.visit()).toBeNull();
      },
      MS,
    );

    it(
      'and that runs still: nothing reloads it, and all goes well',
      async () => {
        await writeFile(conf(), good);
        await example.compose('restart', '-t', '1', 'nginx');
        await until(async () => (await example.visit()) !== null, 60_000, 'nginx');
        await writeFile(conf(), good.replace('keepalive 16;', 'keepalive sixteen;'));
        await example.release(r2);
        expect(await cli(...deploy())).toMatchObject({ code: 0 });
        expect(await example.visit()).toMatchObject({ release: 'r2', revision: '0002_gifts' });
        expect((await cli('maintenance', 'on')).code).toBe(0);
        expect(await example.visit('/products')).toBe(503);
        expect((await cli('maintenance', 'off')).code).toBe(0);
        expect(await example.visit('/products')).toMatchObject([{ name: 'tea' }]);
      },
      MS,
    );
  });
});
