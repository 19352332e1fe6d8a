import { Project, until } from '../support/project.js';

/** An index on a table that is in use: medium, so a person decides. */
const INDEX = {
  id: '0002_index',
  up: `with op.get_context().autocommit_block():
        op.create_index("ix_orders_total", "orders", ["total"], postgresql_concurrently=True)`,
  down: `with op.get_context().autocommit_block():
        op.drop_index("ix_orders_total", postgresql_concurrently=True)`,
};
const COLUMN = {
  id: '0003_note',
  up: 'op.add_column("orders", sa.Column("note", sa.Text()))',
  down: 'op.drop_column("orders", "note")',
};

describe('a medium-risk deploy', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.make({ releases: { r2: [INDEX], r3: [COLUMN] } });
    await project.worker();
  });
  afterAll(() => project?.close());

  const as = (by: string) => ({ env: { LOCKKEEPER_USER: by } });
  let plan = '';

  it('backs up, rehearses, and waits; without a terminal the CLI says so and ends with 3', async () => {
    const { code, out } = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate']);
    expect(out).toMatch(/done +back up.*done +rehearse/s);
    plan = /lockkeeper approve \S+ --plan ([0-9a-f]{12})/.exec(out)?.[1] ?? '';
    expect(plan).not.toBe('');
    expect(code).toBe(3);
  });

  it('shows on Temporal’s page what is decided, and how', async () => {
    const { out } = await project.temporal(['workflow', 'metadata', '--workflow-id', project.workflowId]);
    expect(out).toContain(`"plan":"${plan}"`);
    expect(out).toContain('Rehearsed on a copy: backup proved');
    const list = await project.temporal([
      'workflow',
      'list',
      '--query',
      `LockkeeperState="waiting for a decision" AND LockkeeperTarget="${project.target}"`,
    ]);
    expect(list.out).toContain(project.workflowId);
  });

  it('refuses another plan in words, to the sender and on record', async () => {
    const { code, err } = await project.cli(['approve', project.target, '--plan', 'ffffffffffff'], as('bo'));
    expect(err).toContain('ffffffffffff is not the plan that waits');
    expect(code).toBe(1);
    const { out } = await project.cli(['status', project.target]);
    expect(out).toContain('approve of bo was refused: ffffffffffff is not the plan that waits');
  });

  it('goes on when a person approves, and says who really sent it', async () => {
    const { code, out } = await project.cli(['approve', project.target, '--plan', plan], as('bo'));
    expect(out).toContain('approved; it goes on');
    expect(code).toBe(0);
    const watched = await project.cli(['status', project.target, '--watch']);
    expect(watched.code).toBe(0);
    const record = await project.record();
    expect(record.outcome).toBe('done');
    const sender = record.facts.find((fact) => fact.kind === 'sender' && fact.by === 'bo');
    expect(sender).toMatchObject({ message: 'approve', identity: expect.stringContaining('@') as unknown });
  });

  it('in manual mode a person chooses at any risk: skip deploys alone', async () => {
    const started = await project.cli(['deploy', project.target, '--release', 'r3', '--manual-migrate']);
    expect(started.code).toBe(3);
    const hash = /--plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? '';
    const alone = await project.cli(
      ['approve', project.target, '--plan', hash, '--choice', 'skip'],
      as('bo'),
    );
    expect(alone.out).toContain('the migration is skipped');
    await until(async () => (await project.running()) === 'r3', 30_000, 'r3');
    await project.cli(['status', project.target, '--watch']);
    expect(await project.record()).toMatchObject({ outcome: 'done' });
  });

  it('rejected, everything is as it was', async () => {
    const started = await project.cli(['deploy', project.target, '--release', 'r3', '--manual-migrate']);
    const hash = /--plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? '';
    const args = ['reject', project.target, '--plan', hash, '--note', 'not today'];
    expect((await project.cli(args, as('cy'))).out).toContain('cy rejected the plan');
    await project.cli(['status', project.target, '--watch']);
    const { out } = await project.cli(['report', project.target]);
    expect(out).toContain('The database is unchanged, the release is unchanged.');
    expect(await project.record()).toMatchObject({ outcome: 'rejected' });
  });

  it('can be approved by signal through the temporal CLI, too', async () => {
    const started = await project.cli(['deploy', project.target, '--release', 'r3', '--manual-migrate']);
    const hash = /--plan ([0-9a-f]{12})/.exec(started.out)?.[1] ?? '';
    const input = JSON.stringify({ by: 'di', plan: hash, choice: 'migrate' });
    await project.temporal([
      ...['workflow', 'signal', '--workflow-id', project.workflowId, '--name', 'choose', '--input', input],
    ]);
    const watched = await project.cli(['status', project.target, '--watch']);
    expect(watched.code).toBe(0);
    expect(await project.record()).toMatchObject({ outcome: 'done' });
  });
});

describe('a gate that nobody answers', () => {
  it('expires, and everything is as it was', async () => {
    const project = await Project.make({
      releases: { r2: [INDEX] },
      settings: { approval: { deadlineMinutes: 0.1, reminderMinutes: 0.04 } },
    });
    try {
      await project.worker();
      const started = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate']);
      expect(started.code).toBe(3);
      await project.cli(['status', project.target, '--watch']);
      const record = await project.record();
      expect(record.outcome).toBe('expired');
      expect(record.facts.some((fact) => fact.kind === 'reminded')).toBe(true);
    } finally {
      await project.close();
    }
  });
});
