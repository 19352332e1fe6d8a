import { readFile } from 'node:fs/promises';
import { HARMLESS, Project } from '../support/project.js';

describe('a low-risk deploy', () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.make({
      releases: {
        r2: [HARMLESS],
        r3: [
          {
            id: '0003_spoilt',
            up: 'op.add_column("orders", sa.Column("spoilt", sa.Text()))',
            down: 'op.drop_column("orders", "spoilt")',
          },
        ],
      },
      settings: {
        verify: [
          {
            name: 'no column is called spoilt',
            sql: "select attname from pg_attribute where attname = 'spoilt'",
            rows: 0,
          },
          {
            name: 'orders of before are unchanged',
            mark: 'select max(id) from orders',
            sql: 'select count(*), sum(total) from orders where id <= {mark}',
            unchanged: true,
          },
        ],
      },
    });
    await project.worker();
  });
  afterAll(() => project?.close());

  it('is checked without anything being changed', async () => {
    const { code, out } = await project.cli(['check', project.target, '--release', 'r2', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      risk: 'low',
      procedure: 'low-risk',
      coverage: { analysed: 2, total: 2 },
      revisions: [{ revision: '0002_gifts', risk: 'low' }],
    });
  });

  it('migrates, verifies, deploys and says so', async () => {
    const args = [
      'deploy',
      project.target,
      '--release',
      'r2',
      '--auto-migrate',
      '--backup',
      '--health-check',
    ];
    const { code, out } = await project.cli(args);
    expect(out).toMatch(/done +back up.*done +migrate.*done +verify.*done +deploy.*done +health/s);
    expect(out).toContain('The database is changed, the release is changed.');
    expect(code).toBe(0);
    expect(await project.running()).toBe('r2');
    expect(await project.record()).toMatchObject({ kind: 'deploy', outcome: 'done' });
  });

  it('writes no secret anywhere', async () => {
    const { out } = await project.temporal([
      'workflow',
      'show',
      '--workflow-id',
      project.workflowId,
      '-o',
      'json',
    ]);
    const record = JSON.stringify(await project.record());
    const plan = JSON.parse(
      (await project.cli(['check', project.target, '--release', 'r2', '--json'])).out,
    ) as {
      planHash: string;
    };
    const kept = await readFile(project.path('.lockkeeper', 'plans', `${plan.planHash}.json`), 'utf8');
    const password = new URL(project.url).password;
    for (const text of [out, record, kept]) expect(text).not.toContain(password);
  });

  it('whose verification fails is put back, and nothing of it is left', async () => {
    const { code, out } = await project.cli(['deploy', project.target, '--release', 'r3', '--auto-migrate']);
    expect(out).toMatch(/failed +verify.*undone +put the schema back/s);
    expect(out).toContain('no column is called spoilt: 1 row found, such as (spoilt)');
    expect(out).toContain('The database is put back as it was, the release is unchanged.');
    expect(code).toBe(1);
    expect(await project.running()).toBe('r2');
    const list = await project.temporal([
      'workflow',
      'describe',
      '--workflow-id',
      project.workflowId,
      '-o',
      'json',
    ]);
    expect(JSON.parse(list.out)).toMatchObject({
      workflowExecutionInfo: { status: 'WORKFLOW_EXECUTION_STATUS_FAILED' },
    });
  });

  it('is rolled back to the release and the schema before it', async () => {
    const { code, out } = await project.cli(['rollback', project.target]);
    expect(out).toMatch(/done +put the release back.*done +put the schema back.*done +verify/s);
    expect(code).toBe(0);
    expect(await project.running()).toBe('r1');
  });

  it('has nothing to roll back to twice', async () => {
    const { code, out } = await project.cli(['rollback', project.target]);
    expect(out).toContain('there is no deploy of');
    expect(code).toBe(1);
  });
});
