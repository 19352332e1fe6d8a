import { withClient } from '../../src/adapters/postgres/client.js';
import { Site } from '../services/closure/site.js';
import { Project, until, type Ran } from '../support/project.js';

const MS = 240_000;

/** What the next runs, and people who ask, are told of it. */
const DUE =
  /the schema of before r2 is back, and what that release took is not \(values of public\.orders \(total\) go back; what was written to public\.orders\.total since .* is replaced by it\): lockkeeper rollback \S+ puts it back/;

describe('a rollback that is terminated between its downgrade and its keepsakes', () => {
  let project: Project;
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
    project = await Project.make({
      releases: {
        r2: [
          {
            id: '0002_no_total',
            up: 'op.drop_column("orders", "total")',
            down: `op.add_column("orders", sa.Column("total", sa.Numeric(), nullable=False, server_default="0"))
    op.alter_column("orders", "total", server_default=None)`,
          },
        ],
      },
    });
    await site.serve(site.snippet({ target: project.target }));
    await project.configure({
      closure: { flag: site.flag, url: site.url, waitSeconds: 1 },
      verify: [],
      rehearsal: { where: 'server' },
    });
    await project.worker();
  }, MS);
  afterAll(async () => {
    await project?.close();
    await site?.close();
  });

  const run = (...args: string[]) => project.cli(args, { ms: MS });
  const watch = () => run('status', project.target, '--watch');
  const sql = async <R extends object>(text: string): Promise<R[]> =>
    withClient(
      project.url,
      { applicationName: 'test' },
      async (client) => (await client.query<R>(text)).rows,
    );
  const approve = async ({ out, err }: Ran) => {
    const plan = /lockkeeper approve \S+ --plan ([0-9a-f]{12})/.exec(out)?.[1];
    if (!plan) throw new Error(out + err);
    for (const by of ['bo@example.com', 'cy@example.com'])
      await project.cli(['approve', project.target, '--plan', plan], { env: { LOCKKEEPER_USER: by } });
  };
  const sums = () =>
    sql<{ n: number; sum: string }>('select count(*)::int as n, sum(total)::text as sum from orders');

  it(
    'leaves the schema of before without its values',
    async () => {
      const before = await sums();
      expect(before).toEqual([{ n: 1000, sum: '500500' }]);
      await approve(await run('deploy', project.target, '--release', 'r2', '--auto-migrate'));
      expect((await watch()).code).toBe(0);
      // Named as one of ours: the site is not closed while others are at work in the database.
      await withClient(project.url, { applicationName: 'lockkeeper:test' }, async (client) => {
        // Whoever puts back must write there; whoever looks need not.
        await client.query('BEGIN; LOCK TABLE lockkeeper_keep.keepsake IN SHARE MODE');
        await approve(await run('rollback', project.target));
        const waits = `select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name like 'lockkeeper:%:keepsakes:%'`;
        await until(async () => (await sql(waits)).length > 0, 120_000, 'who puts keepsakes back', 200);
        await project.killWorkers();
        await project.temporal(['workflow', 'terminate', '-w', project.workflowId, '--reason', 'a click']);
        await client.query('ROLLBACK');
      });
      expect(await sql('select version_num as at from alembic_version')).toEqual([{ at: '0001_first' }]);
      expect(await sums()).toEqual([{ n: 1000, sum: '0' }]);
    },
    MS,
  );

  it(
    'explain, status and doctor tell it, and what puts it right',
    async () => {
      expect((await run('explain', project.target)).out).toMatch(
        /what was kept is NOT yet\. Do not open the site.*lockkeeper rollback \S+ +puts it back, and nothing else/s,
      );
      expect((await run('status', project.target)).out).toMatch(DUE);
      expect((await run('doctor', project.target)).out).toMatch(DUE);
      const emergency = await run('emergency', 'status', project.target);
      expect(emergency.out).toMatch(/what was kept is not back: lockkeeper rollback \S+ puts it back/);
    },
    MS,
  );

  it(
    'the next rollback finds it, asks for the site and for two people, and does nothing but put it back',
    async () => {
      await project.worker();
      const found = await run('rollback', project.target);
      expect(found.out).toMatch(DUE);
      expect(found.code).toBe(4);
      await run('retry', project.target);
      // Whoever watches is still told of the gate before it.
      let asked: Ran = found;
      await until(
        async () => /approve \S+ --plan/.test((asked = await run('status', project.target)).out),
        120_000,
        'the gate',
        500,
      );
      expect(asked.out).toMatch(/release and schema are back already, and stay as they are/);
      await approve(asked);
      const done = await watch();
      expect(done.out).toMatch(/done +put keepsakes back .*public\.orders: 1,?000 rows put back/);
      expect(done.out).not.toMatch(
        /(started|done|undone) +(put the schema back|put the release back|migrate again)/,
      );
      expect(done.code).toBe(0);
      expect(await sums()).toEqual([{ n: 1000, sum: '500500' }]);
      expect(await project.running()).toBe('r1');
      expect((await run('status', project.target)).out).not.toContain('LEFT:');
      expect((await site.ask()).status).toBe(200);
    },
    MS,
  );
});
