import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, PlanSummary } from '../../src/domain/plan.js';
import { PAGE_BYTES, type ReadPage } from '../../src/domain/read.js';
import type { RunRecord } from '../../src/domain/record.js';
import type { RunStatus } from '../../src/domain/status.js';
import { Project, runProgram, until, type Ran } from '../support/project.js';
import { root } from '../support/test-stack.js';

/** An index on a table that is in use: medium, so a person decides. Its comment makes the plan many pages long. */
const INDEX = {
  id: '0002_index',
  up: `op.execute("/* ${"표 ' ".repeat(6_000)} */ select 1")
    with op.get_context().autocommit_block():
        op.create_index("ix_orders_total", "orders", ["total"], postgresql_concurrently=True)`,
  down: `with op.get_context().autocommit_block():
        op.drop_index("ix_orders_total", postgresql_concurrently=True)`,
};

let project: Project;
let elsewhere: string;
beforeAll(async () => {
  project = await Project.make({ releases: { r2: [INDEX] } });
  await project.worker();
  // A host that has the settings and reaches Temporal, and has no state folder, database or application.
  elsewhere = await mkdtemp(join(tmpdir(), 'lk-elsewhere-'));
  await cp(project.path('lockkeeper.yaml'), join(elsewhere, 'lockkeeper.yaml'));
});
afterAll(async () => {
  await project?.close();
  await rm(elsewhere, { recursive: true, force: true });
});

const { DATABASE_URL: _, ...noDatabase } = process.env as Record<string, string>;
const there = (...args: string[]): Promise<Ran> =>
  runProgram(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
    cwd: elsewhere,
    env: { ...noDatabase, ...project.env, DATABASE_URL: '', LOCKKEEPER_USER: 'bo@example.com' },
    ms: 60_000,
  });

async function query<T>(type: string): Promise<T> {
  const args = ['workflow', 'query', '--workflow-id', project.workflowId, '--type', type, '--output', 'json'];
  const { out, err } = await project.temporal(args);
  if (!out) throw new Error(err);
  return (JSON.parse(out) as { queryResult: [T] }).queryResult[0];
}

async function read(input: object): Promise<{ page?: ReadPage; failed: string; ms: number }> {
  const began = performance.now();
  const { out, err } = await project.temporal([
    ...['workflow', 'execute', '--type', 'read', '--task-queue', project.target, '--output', 'json'],
    ...['--input', JSON.stringify(input)],
  ]);
  const ms = performance.now() - began;
  const { result } = JSON.parse(out) as { result?: ReadPage };
  return { ...(result ? { page: result } : {}), failed: result ? '' : out + err, ms };
}

const of = (more: object) => read({ target: project.target, ...more });

describe('a client without the state folder', () => {
  let planHash = '';
  let runId = '';

  it('asks the run itself what would run, and how it stands', async () => {
    const started = await project.cli(['deploy', project.target, '--release', 'r2', '--auto-migrate']);
    expect(started.code).toBe(3);
    const plan = await query<PlanSummary>('plan');
    planHash = plan.planHash;
    expect(plan).toMatchObject({
      ...{ release: 'r2', risk: 'medium', gate: { approvals: 1 } },
      backup: { level: 'L3', bytes: expect.any(Number) as unknown },
      forecast: { closed: null, rest: null, rehearsal: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
    });
    const status = await query<RunStatus>('status');
    runId = status.runId;
    expect(status).toMatchObject({
      outcome: 'waiting',
      // The temporal CLI shows an empty list as null.
      waitsFor: { what: 'decision', approvals: 1, approved: null },
      stands: { site: 'open', database: 'unchanged' },
    });
    expect(JSON.stringify(status).length).toBeLessThan(4_000);
  });

  it('reads the whole plan in pages through the worker', async () => {
    const first = await of({ what: 'plan', hash: planHash.slice(0, 12) });
    const { pages = 0, of: name, text = '' } = first.page ?? {};
    expect(name).toBe(planHash);
    expect(pages).toBeGreaterThan(2);
    const texts = [text];
    for (let page = 2; page <= pages; page += 1)
      texts.push((await of({ what: 'plan', hash: name, page })).page?.text ?? '');
    for (const each of texts) expect(Buffer.byteLength(JSON.stringify(each))).toBeLessThanOrEqual(PAGE_BYTES);
    const plan = JSON.parse(texts.join('')) as Plan;
    expect(plan.planHash).toBe(planHash);
    expect(plan.revisions[0]?.upSql).toContain('표');
  });

  it('reads what people read, the SQL, the rehearsal, the revision files', async () => {
    const text = async (more: object) => (await of(more)).page?.text;
    expect(await text({ what: 'check', hash: planHash })).toMatch(/1 person|a person approves it/);
    expect(await text({ what: 'sql', hash: planHash, page: 1 })).toMatch(/^-- forward: 0002_index/);
    const { forecast } = await query<PlanSummary>('plan');
    expect(await text({ what: 'rehearsal', hash: forecast?.rehearsal })).toContain('"backupProved": "L3"');
    const { plan } = JSON.parse((await there('approve', '--json')).out) as { plan: Plan };
    expect(await text({ what: 'revision', hash: plan.revisions[0]?.sha256 })).toContain('down_revision');
    expect(await text({ what: 'schema', hash: plan.standing.fingerprint })).toContain('orders');
  });

  it.each([
    [{ what: 'plan', hash: 'ffffffffffff' }, 'there is no plan ffffffffffff of'],
    [{ what: 'rehearsal', hash: '../../../etc/passwd' }, 'and no path; got'],
    [{ what: 'check', hash: 'plans/aaaaaaaa' }, 'and no path; got'],
    [{ what: 'record', run: '../../plans' }, 'and no path; got'],
    [{ what: 'record', run: '00000000' }, 'there is no record of run 00000000'],
    [{ what: 'passwords', hash: 'aaaaaaaa' }, 'must be one of check, plan, sql'],
    [{ what: 'plan', hash: 'aaaaaaaa', page: 0 }, '1 is the first'],
    [{ target: 'nobody', what: 'record' }, 'nobody'],
  ])('is refused %j in words', async (more, why) => {
    const { page, failed } = await of(more);
    expect(page).toBeUndefined();
    expect(failed).toContain(why);
    expect(failed).not.toContain('    at ');
  });

  it('is told when there is no such page', async () => {
    expect((await of({ what: 'check', hash: planHash, page: 99 })).failed).toContain('there is no page 99');
  });

  it('sees the whole of what is decided, and approves it', async () => {
    const shown = await there('approve', project.target);
    expect(shown.err).toContain('say which plan you mean');
    const missing = [
      /0002_index +.*versions/,
      /building ix_orders_total/,
      /The SQL:\n {2}-- forward: 0002_index/,
      /CREATE INDEX CONCURRENTLY ix_orders_total/,
      /The rehearsal on a copy:\n {2}backup proved; forward, back and forward again/,
      /The forecast:\n {2}the site stays open; the migration took/,
      /The backup:\n {2}[^:]*:\d\d:\d\d UTC,\s+proved \(L3\)/,
      /To undo it:\n {2}deploy release r1 again/,
      /lockkeeper approve \S+ --plan [0-9a-f]{12}/,
    ].filter((part) => !part.test(shown.out));
    expect(missing).toEqual([]);

    const json = await there('approve', project.target, '--json');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({
      schemaVersion: 1,
      asked: { planHash },
      plan: {
        planHash,
        findings: [{ rule: 'index-built-concurrently' }],
        rollback: expect.any(Array) as unknown,
      },
      ...{ backup: { level: 'L3' }, forecast: { closed: null } },
      status: { waitsFor: { what: 'decision' } },
    });

    const approved = await there('approve', project.target, '--plan', planHash.slice(0, 12));
    expect(approved.out).toContain('approved; it goes on');
    const watched = await there('status', project.target, '--watch');
    expect(watched.code).toBe(0);
    await until(async () => (await query<RunStatus>('status')).outcome === 'done', 30_000, 'the end', 500);
  });

  it('reads the report of a run that is over', async () => {
    expect(await there('report', project.target)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/deploy \(done\).*bo@example.com said approve/s) as unknown,
    });
    const json = await there('report', project.target, '--run', runId.slice(0, 13), '--json');
    expect(JSON.parse(json.out) as RunRecord).toMatchObject({ runId, outcome: 'done', schemaVersion: 1 });
    expect((await of({ what: 'report' })).page?.text).toMatch(/deploy \(done\)/);
    expect((await there('status', project.target)).out).toContain('Its last run:');
    const none = await there('report', project.target, '--run', '00000000');
    expect(none.code).toBe(1);
    expect(none.err).toContain('there is no record of run 00000000');
  });
});
