import { Project, until } from '../support/project.js';

const INDEX = {
  id: '0002_index',
  up: 'op.create_index("ix_orders_total", "orders", ["total"])',
  down: 'op.drop_index("ix_orders_total")',
};

/** An hour is as long as a deadline here: what comes after it depends on that alone. */
describe('a worker that is away while a run waits for people', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.make({ releases: { r2: [INDEX] } });
  });
  afterAll(() => project?.close());

  async function waiting(deadlineMinutes: number): Promise<string> {
    await project.configure({ approval: { deadlineMinutes, approvers: ['bo', 'cy'] } });
    const worker = await project.worker();
    const { out } = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate']);
    await worker.kill();
    return /--plan ([0-9a-f]{12})/.exec(out)?.[1] ?? 'no plan';
  }
  const signal = (name: string, input: string) =>
    project.temporal(['workflow', 'signal', '-w', project.workflowId, '--name', name, '-i', input]);
  const over = (outcome: string) =>
    until(async () => (await project.record().catch(() => null))?.outcome === outcome, 120_000, outcome);

  it('past the deadline: the run has expired when one is there again, and nothing was changed', async () => {
    const plan = await waiting(0.2);
    const late = await project.cli(['approve', project.target, '--plan', plan], {
      env: { LOCKKEEPER_USER: 'bo' },
    });
    expect(late.code).not.toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    const worker = await project.worker();
    await over('expired');
    expect(await project.running()).toBe('r1');
    // The record is kept first; what is tidied after it belongs to the run, too.
    const isClosed = async () =>
      (await project.cli(['status', project.target])).out.startsWith('Nothing runs');
    await until(isClosed, 60_000, 'the end of the run');
    await worker.kill();
  }, 240_000);

  it('what was signalled meanwhile is taken when it is back; what may not be is refused on record', async () => {
    const plan = await waiting(30);
    await signal('approve', JSON.stringify({ by: 'zoe', plan }));
    await signal('approve', '"yes"');
    await project.temporal(['workflow', 'signal', '-w', project.workflowId, '--name', 'approve']);
    await signal('aprove', JSON.stringify({ by: 'bo', plan }));
    await signal('approve', JSON.stringify({ by: 'bo', plan }));
    await project.worker();
    await over('done');
    const { out } = await project.cli(['report', project.target]);
    expect(out).toContain('approve of zoe was refused: zoe is not among those who may decide: bo, cy');
    expect(out).toMatch(/approve of nobody named was refused: this takes one JSON object.*got "yes"/);
    expect(out).toMatch(/approve of nobody named was refused: this takes one JSON object.*got nothing/);
    expect(out).toContain('bo said approve (signal)');
    const unknown = await project.temporal([
      ...['workflow', 'update', 'execute', '-w', project.workflowId, '--name', 'aprove', '-i', '{}'],
    ]);
    expect(unknown.code).not.toBe(0);
  }, 240_000);
});
