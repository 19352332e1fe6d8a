import { HARMLESS, Project, until } from '../support/project.js';
import { sight, start, told, type Started } from '../support/told.js';

/** Ctrl-C, which a terminal sends as SIGINT. */
let project: Project;
let before: string;
beforeAll(async () => {
  project = await Project.make({
    releases: { r2: [HARMLESS] },
    settings: { release: { running: 'cat running', fetch: ['sleep 4'] } },
  });
  before = await sight(project.url);
});
afterAll(() => project?.close());

async function interrupted(started: Started, once: () => boolean | Promise<boolean>): Promise<string> {
  await until(once, 20_000, 'the moment for Ctrl-C');
  const began = performance.now();
  started.child.kill('SIGINT');
  const code = await started.ended;
  expect(performance.now() - began).toBeLessThan(6_000);
  return `${told(project, { code, ...started.said })}\nexit ${code}`;
}
const later = async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return true;
};

it('check: ends at once, and nothing was changed', async () => {
  expect(await interrupted(start(project, ['check', '--release', 'r2']), later)).toMatchInlineSnapshot(`
    "error: interrupted; nothing was changed
      next   1. start it again
      code   interrupted
    exit 130"
  `);
  const json = start(project, ['check', '--release', 'r2', '--json']);
  await interrupted(json, later);
  expect(JSON.parse(json.said.out)).toMatchObject({ error: { code: 'interrupted' } });
  expect(await sight(project.url)).toBe(before);
});

it('up: what was started already is named', async () => {
  const up = start(project, ['up', '--no-worker'], { LOCKKEEPER_VENV: project.path('venv') });
  expect(await interrupted(up, () => up.said.out.includes('…'))).toMatch(
    /interrupted; servers that were started already go on.*lockkeeper down stops them.*exit 130$/s,
  );
  expect(await project.cli(['down'])).toMatchObject({ code: 0 });
});

describe('with a worker', () => {
  it('deploy and status --watch: the run goes on, and they say how to watch and how to end it', async () => {
    const worker = await project.worker();
    const deploy = start(project, ['deploy', '--auto-migrate', '--release', 'r2']);
    expect(await interrupted(deploy, () => deploy.said.out.includes('run '))).toMatchInlineSnapshot(`
      "deploy TARGET r2 with its migration: workflow lockkeeper:TARGET, run RUN
      error: interrupted; the run of TARGET goes on
        next   1. watch it: lockkeeper status TARGET --watch
               2. or end it, undoing what it did: lockkeeper cancel TARGET
        code   interrupted
      exit 130"
    `);
    const watch = start(project, ['status', '--watch']);
    expect(await interrupted(watch, () => watch.said.out.includes('asked for by'))).toMatch(
      /interrupted; the run of TARGET goes on.*lockkeeper cancel TARGET.*exit 130$/s,
    );
    const ended = await project.cli(['status', '--watch']);
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('done    health') as string });
    expect(await project.running()).toBe('r2');
    await worker.stop();
  });

  it('worker: stops when the step that it does is finished, and the run goes on with the next one', async () => {
    const worker = start(project, ['worker']);
    await until(() => worker.said.out.includes('ready'), 20_000, 'a worker');
    expect(await project.cli(['deploy', '--auto-migrate', '--release', 'r2', '--detach'])).toMatchObject({
      code: 0,
    });
    expect(await interrupted(worker, later)).toMatch(
      /stopping once 1 step.*is finished.*worker stopped\nexit 0$/s,
    );
    const next = await project.worker();
    expect(await project.cli(['status', '--watch'])).toMatchObject({ code: 0 });
    await next.stop();
  });
});
