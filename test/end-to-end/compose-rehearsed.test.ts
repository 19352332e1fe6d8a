import { ComposeExample } from '../support/docker/compose-example.js';
import { shopImage } from '../support/docker/images.js';
import { until } from '../support/project.js';

/** What the low-risk story does not come to: a rehearsal in the image, and the runbook's migration by itself. */
describe('a medium-risk migration in the image of the release', () => {
  let example: ComposeExample;
  let r1: string;
  let r4: string;

  beforeAll(async () => {
    example = await ComposeExample.make();
    r1 = await example.idOf(example.latest);
    const up = await example.compose('up', '-d', 'app', 'nginx');
    if (up.code !== 0) throw new Error(up.err);
    await until(async () => (await example.visit()) !== null, 120_000, 'the site', 500);
    await example.project.worker();
    r4 = await example.release(await shopImage('r4'));
  }, 900_000);
  afterAll(() => example?.close());

  it('is rehearsed on a private copy, and waits for a person', async () => {
    const { project } = example;
    const started = await project.cli(['migrate', project.target], { ms: 300_000 });
    expect(started.out).toMatch(/done +back up.*done +rehearse/s);
    expect(started.code).toBe(3);
    const plan = /lockkeeper approve \S+ --plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? '';
    const approved = await project.cli(['approve', project.target, '--plan', plan], {
      env: { LOCKKEEPER_USER: 'bo' },
    });
    expect(approved.out).toContain('approved; it goes on');
    expect((await project.cli(['status', project.target, '--watch'], { ms: 300_000 })).code).toBe(0);
    expect(await project.record()).toMatchObject({ outcome: 'done' });
  }, 600_000);

  it('leaves the release that runs, and the new one is deployed without it', async () => {
    const { project } = example;
    expect(await example.running()).toBe(r1);
    expect(await example.visit()).toMatchObject({ release: 'r1', revision: '0005_customer_orders' });
    const args = ['deploy', project.target, '--skip-migrate', '--health-check'];
    expect((await project.cli(args, { ms: 300_000 })).code).toBe(0);
    expect(await example.running()).toBe(r4);
    expect(await example.visit()).toMatchObject({ status: 'ok', release: 'r4' });
  }, 300_000);
});
