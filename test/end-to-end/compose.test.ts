import { ComposeExample } from '../support/docker/compose-example.js';
import { engine } from '../support/docker/engine.js';
import { shopImage } from '../support/docker/images.js';
import { until } from '../support/project.js';

/** The runbook's team, as in examples/compose: a real engine, docker-compose 1.29, a real nginx. */
describe('a low-risk deploy by docker compose', () => {
  let example: ComposeExample;
  let r1: string;
  let r2: string;

  beforeAll(async () => {
    example = await ComposeExample.make();
    r1 = await example.idOf(example.latest);
    const up = await example.compose('up', '-d', 'app', 'nginx');
    if (up.code !== 0) throw new Error(up.err);
    await until(async () => (await example.visit()) !== null, 120_000, 'the site', 500);
    await example.project.worker();
    r2 = await example.release(await shopImage('r2'));
  }, 900_000);
  afterAll(() => example?.close());

  it('says which image would run, by its id', async () => {
    const args = ['check', example.project.target, '--json'];
    const { out, code } = await example.project.cli(args, { ms: 180_000 });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      risk: 'low',
      release: `r2-${r2.slice(7, 19)}`,
      running: `r1-${r1.slice(7, 19)}`,
      images: [{ services: ['app'], reference: example.latest, id: r2, digest: null, running: r1 }],
      revisions: [{ revision: '0002_gifts' }],
    });
  }, 200_000);

  it('migrates in the image, swaps the container, and keeps the image that ran', async () => {
    const args = ['deploy', example.project.target, '--auto-migrate', '--health-check'];
    const { out, code } = await example.project.cli(args, { ms: 300_000 });
    expect(out).toMatch(/done +migrate.*done +verify.*done +deploy.*app is healthy.*done +health/s);
    expect(code).toBe(0);
    expect(await example.running()).toBe(r2);
    expect(await example.idOf(`${example.repository}:backup`)).toBe(r1);
    expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r2', revision: '0002_gifts' });
    expect(await engine.docker('logs', example.migration)).toContain('0002_gifts');
  }, 300_000);

  it('lets the runbook’s own line still work by hand', async () => {
    const { code, out } = await example.compose('--profile', 'migration', 'up', 'migration');
    expect(out).toContain(example.migration);
    // Compose 1 does not always come to say `exited with code 0`: the engine does.
    expect(await example.exitCode(example.migration)).toBe('0');
    expect(code).toBe(0);
  }, 120_000);

  it('closes the site by a file that nginx sees in its container, and opens it', async () => {
    const maintenance = (what: string) => example.project.cli(['maintenance', what, example.project.target]);
    const { found } = await doctorOf(example);
    expect(found).toContainEqual(expect.objectContaining({ what: 'site', state: 'ok' }));
    expect((await maintenance('on')).code).toBe(0);
    expect(await example.visit('/products')).toBe(503);
    expect(await example.visit()).toMatchObject({ status: 'ok' });
    expect((await maintenance('off')).code).toBe(0);
    expect(await example.visit('/products')).not.toBe(503);
  }, 120_000);

  it('goes back to the image and the schema of before', async () => {
    const { out, code } = await example.project.cli(['rollback', example.project.target], { ms: 300_000 });
    expect(out).toMatch(/done +put the release back.*done +put the schema back/s);
    expect(code).toBe(0);
    expect(await example.running()).toBe(r1);
    expect(await example.idOf(example.latest)).toBe(r1);
    expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r1', revision: '0001_first' });
  }, 300_000);
});

/** What `lockkeeper doctor` finds. */
async function doctorOf({ project }: ComposeExample) {
  const { out } = await project.cli(['doctor', project.target, '--json']);
  return { found: (JSON.parse(out) as { findings: unknown[] }).findings };
}
