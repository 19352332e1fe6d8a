import { join } from 'node:path';
import { withClient } from '../../src/adapters/postgres/client.js';
import { Load } from '../../src/demo/load.js';
import { trafficOf } from '../../src/demo/traffic.js';
import { shortId } from '../../src/domain/image.js';
import type { RunRecord, StepName } from '../../src/domain/record.js';
import { ComposeExample } from '../support/docker/compose-example.js';
import { engine } from '../support/docker/engine.js';
import { imageLike, shopImage } from '../support/docker/images.js';
import { startRegistry, type Registry } from '../support/docker/registry.js';
import { whole } from '../support/kills-sample.js';
import { projectPython } from '../support/servers.js';
import { temporaryFolder } from '../support/temporary.js';
import { root } from '../support/test-stack.js';
import { told } from '../support/told.js';

const MS = 300_000;
const RATE = Number(process.env.LOCKKEEPER_RATE ?? (whole ? 100 : 30));
/** nginx had nobody to ask, or nobody who answered. */
const NOBODY = [502, 503, 504, null];

/** The shop of examples/compose, its images in a registry, recreated at each deploy; r1, r2 and r3 are its own: they may go. */
describe('the shop of examples/compose goes forward by recreate, and back', () => {
  let example: ComposeExample;
  let registry: Registry;
  const images: Record<string, string> = {};

  beforeAll(async () => {
    for (const release of ['r1', 'r2', 'r3']) images[release] = await imageLike(await shopImage(release));
    registry = await startRegistry(temporaryFolder('registry'));
    example = await ComposeExample.make('recreate', registry.at);
    await example.release(images['r1']!);
    const first = `${example.repository}:first`;
    await engine.docker('tag', images['r1']!, first);
    await engine.docker('push', '--quiet', first);
    await engine.docker('rmi', first);
    await example.up();
    await example.project.worker();
  }, 900_000);
  afterAll(async () => {
    await example?.close();
    await registry?.stop();
  }, 60_000);

  const nameOf = (release: string) => `${release}-${shortId(images[release]!)}`;
  const rollback = (...args: string[]) =>
    example.project.cli(['rollback', example.project.target, ...args], { ms: MS });
  const number = async (sql: string): Promise<number> =>
    withClient(example.project.url, { applicationName: 'test' }, async (client) => {
      const { rows } = await client.query<{ n: number }>(sql);
      return rows[0]!.n;
    });

  async function deploy(release: string): Promise<RunRecord> {
    const { project } = example;
    await example.release(images[release]!);
    const ran = await project.cli(['deploy', project.target, '--auto-migrate', '--health-check'], { ms: MS });
    if (ran.code !== 0) throw new Error(`${ran.out}${ran.err}`);
    await expectAt(release);
    return project.record();
  }

  async function expectAt(release: string): Promise<void> {
    const revisions = { r1: '0001_first', r2: '0002_gifts', r3: '0003_stock' };
    const revision = revisions[release as 'r1'];
    expect(await example.running()).toBe(images[release]);
    expect(await example.visit()).toMatchObject({ status: 'ok', release, revision });
  }

  /** As `docker rmi` and `docker image prune --all` do it. */
  async function prune(release: string): Promise<void> {
    await engine.docker('rmi', '--force', images[release]!);
    await expect(example.idOf(images[release]!)).rejects.toThrow();
  }

  it(
    'under load: nobody is answered for as long as the step takes at most, and everybody before and after',
    async () => {
      const { project, site } = example;
      const shop = join(root, 'examples', 'shop');
      const place = { tools: { python: projectPython }, shop, url: site, home: project.home, env: {} };
      const load = new Load(place, RATE);
      const record = await deploy('r2');
      const { requests, orders } = await load.stop();
      const failed = requests.filter(({ status }) => status === null || status >= 300);
      const at = failed.map(({ at, ms }) => at + ms);
      const [first, last] = [Math.min(...at), Math.max(...at)];
      const step = spanOf(record, 'deploy');
      process.stderr.write(
        `recreate: ${trafficOf(requests).ok} answered, ${failed.length} not, within ${Math.round(last - first)} ms of a step of ${step.to - step.from} ms\n`,
      );
      expect(failed.length).toBeGreaterThan(0);
      expect(failed.filter(({ status }) => !NOBODY.includes(status))).toEqual([]);
      expect(first).toBeGreaterThanOrEqual(step.from);
      expect(last).toBeLessThanOrEqual(step.to);
      // What people were told is there.
      expect(await number('select count(*)::int as n from orders')).toBeGreaterThanOrEqual(100 + orders);
      expect(await example.visit('/products')).toMatchObject([{ name: 'tea' }]);
    },
    MS,
  );

  it(
    'not back to an image that was pruned: refused with where it is to be had, and with what else there is',
    async () => {
      await deploy('r3');
      await prune('r1');
      const refused = await rollback('--to', nameOf('r1'));
      expect(refused.code).toBe(1);
      expect(told(example.project, refused)).toMatch(
        new RegExp(
          `failed +check.*error: the image ${shortId(images['r1']!)} of \\S+ is not on this host any more.*bring this very image here again.*or go back less far: lockkeeper rollback TARGET --to ${nameOf('r2')}.*code +image-gone`,
          's',
        ),
      );
      await prune('r2');
      const pulled = /docker pull (\S+@sha256:[0-9a-f]{64})/.exec((await rollback()).out)?.[1];
      await expectAt('r3');
      await engine.docker('pull', '--quiet', pulled ?? 'none');
      expect(await example.idOf(images['r2']!)).toBe(images['r2']);
      // No plan knows the digest of what ran before Lockkeeper came; the team does.
      await engine.docker('pull', '--quiet', `${example.repository}:first`);
      expect(await example.idOf(images['r1']!)).toBe(images['r1']);
    },
    MS,
  );

  it(
    'back by two, by the image that was kept, whatever :backup means by now',
    async () => {
      await engine.docker('tag', images['r3']!, `${example.repository}:backup`);
      const { out, code } = await rollback('--to', nameOf('r1'));
      expect(out).toMatch(
        /downgrade 0003_stock.*downgrade 0002_gifts.*done +put the release back.*done +put the schema back.*done +put the schema back.*done +verify/s,
      );
      expect(code).toBe(0);
      await expectAt('r1');
    },
    MS,
  );

  it(
    'the schema alone by two, in the image of r1, which knows neither revision, once the others are pruned',
    async () => {
      await deploy('r2');
      await deploy('r3');
      await engine.docker('tag', images['r1']!, example.latest);
      expect(await example.compose('up', '-d', 'app')).toMatchObject({ code: 0 });
      await engine.docker('rm', '--force', example.migration);
      await prune('r3');
      await prune('r2');
      const { out, code } = await rollback('--schema-only');
      expect(out).toMatch(/done +put the schema back.*done +put the schema back.*done +verify/s);
      expect(code).toBe(0);
      await expectAt('r1');
      expect(
        await number(`select count(to_regclass(t))::int as n from unnest('{stock,coupons}'::text[]) t`),
      ).toBe(0);
    },
    MS,
  );
});

function spanOf({ facts }: RunRecord, step: StepName): { from: number; to: number } {
  const at = (kind: string) =>
    Date.parse(facts.find((fact) => fact.kind === kind && 'step' in fact && fact.step === step)?.at ?? '');
  return { from: at('started'), to: at('finished') };
}
