import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FirstRelease, MS } from '../support/docker/first-release.js';
import { imageLike } from '../support/docker/images.js';
import { planIn } from '../support/people.js';
import { told } from '../support/told.js';

const NOBODY = 65_534;

/** Told before anything is changed: people go on with the container that served them. */
describe('a deploy by compose that meets', () => {
  let shop: FirstRelease;
  beforeAll(async () => void (shop = await FirstRelease.make()), 900_000);
  afterAll(() => shop?.close());

  it(
    'an image that the registry does not have',
    async () => {
      expect(await shop.expectRefused(() => shop.deploy('--release', 'r9'))).toMatch(
        /failed +fetch release.*error: the image \S+:r9 could not be pulled\n +why .*manifest unknown.*code +image-not-fetched/s,
      );
    },
    MS,
  );

  it(
    'an image that nobody has brought here',
    async () => {
      await shop.example.configure({ fetch: 'none' });
      expect(await shop.expectRefused(() => shop.deploy('--release', 'r9'))).toMatch(
        /failed +fetch release.*error: there is no image \S+:r9 on this host\n +next +1\. pull or build it.*code +image-missing/s,
      );
      await shop.example.configure();
    },
    MS,
  );

  it(
    'a compose file with a key that compose does not know',
    async () => {
      const before = await shop.example.edit((text) => text.replace('    init: true', '    inti: true'));
      expect(await shop.expectRefused(() => shop.deploy())).toMatch(
        /error: compose does not accept docker-compose\.prod\.yml\n +why .*'inti'.*next +1\. correct it.*code +compose-invalid/s,
      );
      await shop.example.edit(() => before);
    },
    MS,
  );

  /** Asks for a deploy of r2 that a person lets go on, and does something before they do. */
  async function meanwhile(act: () => Promise<unknown>): Promise<string> {
    const { example } = shop;
    await example.release(shop.r2);
    const asked = await shop.cli('deploy', '--manual-migrate');
    expect(asked).toMatchObject({ code: 3, err: '' });
    const plan = planIn(asked.out) ?? 'none';
    await act();
    await shop.cli('approve', '--plan', plan, '--choice', 'migrate');
    const ended = await shop.cli('status', '--watch');
    expect(ended.code).toBe(1);
    const words = told(example.project, ended);
    expect(words).toMatch(/failed +compare.*code +plan-changed/s);
    return words;
  }

  it(
    'another image under the name of the one that was approved',
    async () => {
      let other = '';
      // Somebody pushes once more, and pulls it here to have a look.
      const words = await meanwhile(async () => {
        other = await shop.example.release(await imageLike(shop.r2));
      });
      expect(words).toContain(other.slice(7, 19));
      await shop.expectFirst();
    },
    MS,
  );

  it(
    'somebody who started another image by compose meanwhile',
    async () => {
      const { example } = shop;
      const other = await imageLike(shop.r1);
      const up = async (image: string) => {
        await example.release(image);
        expect(await example.compose('up', '-d', 'app')).toMatchObject({ code: 0 });
      };
      const words = await meanwhile(async () => {
        await up(other);
        await example.release(shop.r2);
      });
      expect(words).toMatch(new RegExp(`runs?\\b.*${shop.r1.slice(7, 19)}.*${other.slice(7, 19)}`, 's'));
      expect([await example.running(), await shop.revision()]).toEqual([other, '0001_first']);
      await up(shop.r1);
      await shop.expectFirst();
    },
    MS,
  );

  it(
    'no engine',
    async () => {
      const { project } = shop.example;
      await project.stopWorkers();
      const env = { DOCKER_HOST: `unix://${project.path('no.sock')}` };
      const worker = await project.worker(env);
      const deploy = ['deploy', project.target, '--auto-migrate'];
      expect(await shop.expectRefused(() => project.cli(deploy, { env, ms: MS }))).toMatch(
        /failed +fetch release.*error: the Docker engine does not answer\n +why .*no\.sock.*next +1\. start it: systemctl start docker.*code +docker-unreachable/s,
      );
      await worker.stop();
    },
    MS,
  );

  it(
    'a worker who may use neither the engine nor the folder of the flag',
    async () => {
      const { project } = shop.example;
      await project.stopWorkers();
      for (const path of ['', ...(await readdir(project.home, { recursive: true }))])
        if (path !== 'site') await chown(join(project.home, path), NOBODY, NOBODY);
      const env = { HOME: project.home };
      const worker = await project.worker(env, NOBODY);
      const cli = (...args: string[]) => project.cli([...args, project.target], { env, as: NOBODY, ms: MS });
      expect(await shop.expectRefused(() => cli('deploy', '--auto-migrate'))).toMatch(
        /failed +fetch release.*error: the worker may not use the Docker engine\n +why .*docker\.sock.*permission denied\n +next +1\. add its user to the group docker.*code +docker-no-rights/s,
      );
      const doctor = told(project, await cli('doctor'));
      expect(doctor).toContain('the worker may not use the Docker engine');
      const on = await cli('maintenance', 'on');
      expect(on.code).toBe(1);
      expect(told(project, on)).toMatch(
        /error: HOME\/site\S* cannot be written or removed; the site is open\n +why .*EACCES.*next +1\. let the user of the worker write into that folder/s,
      );
      await shop.expectFirst();
      await worker.stop();
    },
    MS,
  );
});
