import { existsSync } from 'node:fs';
import { withClient } from '../../src/adapters/postgres/client.js';
import { Site } from '../services/closure/site.js';
import { Project, until } from '../support/project.js';

const REWRITE = {
  id: '0002_text',
  up: 'op.execute("alter table orders alter column total type text")',
  down: 'op.execute("alter table orders alter column total type numeric using total::numeric")',
};
/** Meant to remove empty orders; removes every tenth. */
const TOO_MUCH = {
  id: '0004_cleaned',
  up: 'op.execute("delete from orders where id % 10 = 0")',
  down: 'pass',
};

/** Takes the totals, which its downgrade cannot know. */
const NO_TOTAL = {
  id: '0003_no_total',
  up: 'op.drop_column("orders", "total")',
  down: `op.add_column("orders", sa.Column("total", sa.Text(), nullable=False, server_default=""))
    op.alter_column("orders", "total", server_default=None)`,
};

describe('a change that needs the site closed', () => {
  let project: Project;
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
    project = await Project.make({ releases: { r2: [REWRITE], r3: [NO_TOTAL], r4: [TOO_MUCH] } });
    await site.serve(site.snippet({ target: project.target }));
    await project.configure({
      verify: [
        {
          name: 'no order is lost',
          mark: 'select max(id) from orders',
          sql: 'select count(*) from orders where id <= {mark}',
          unchanged: true,
        },
      ],
      closure: { flag: site.flag, url: site.url, waitSeconds: 1 },
    });
    await project.worker();
  });
  afterAll(async () => {
    await project?.close();
    await site?.close();
  });

  const as = (by: string) => ({ env: { LOCKKEEPER_USER: by } });
  const hashIn = (out: string) => /--plan ([0-9a-f]{12})/.exec(out)?.[1] ?? 'no plan';
  const start = (release: string) =>
    project.cli(['deploy', project.target, '--release', release, '--auto-migrate']);

  it('high risk: approved, closed, backed up again, migrated, opened', async () => {
    const started = await start('r2');
    expect(started.code).toBe(3);
    expect((await site.ask()).status).toBe(200);
    const seen: number[] = [];
    const looking = setInterval(() => void site.ask().then(({ status }) => seen.push(status)), 50);
    const args = ['approve', project.target, '--plan', hashIn(started.out)];
    expect((await project.cli(args, as('bo'))).out).toContain('approved; it goes on');
    const watched = await project.cli(['status', project.target, '--watch'], { ms: 90_000 });
    clearInterval(looking);
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(
      /done +compare.*done +maintenance on.*done +back up again.*done +migrate.*done +verify.*done +deploy.*done +maintenance off/s,
    );
    expect(watched.code).toBe(0);
    expect(new Set(seen)).toEqual(new Set([200, 503]));
    expect((await site.ask()).status).toBe(200);
    expect(existsSync(site.flag)).toBe(false);
  }, 150_000);

  it('by hand: closed, seen by the watchdog, opened', async () => {
    const on = await project.cli([
      'maintenance',
      'on',
      project.target,
      '--reason',
      'we look',
      '--minutes',
      '5',
    ]);
    expect(on.err).toBe('');
    expect((await site.ask()).status).toBe(503);
    const seen = await project.cli(['watchdog']);
    expect(seen.out).toMatch(/closed for .* by ana@example.com by hand: we look/);
    expect((await project.cli(['maintenance', 'off', project.target])).code).toBe(0);
    expect((await site.ask()).status).toBe(200);
  }, 60_000);

  const sql = (text: string) =>
    withClient(project.url, { applicationName: 'shop' }, async (client) => (await client.query(text)).rows);

  it('very high risk, and then back: what was dropped has its values, and what was written since stays', async () => {
    const started = await start('r3');
    const approve = ['approve', project.target, '--plan', hashIn(started.out)];
    for (const by of ['bo', 'cy']) await project.cli(approve, as(by));
    const watched = await project.cli(['status', project.target, '--watch'], { ms: 120_000 });
    expect(watched.code).toBe(0);
    const { out } = await project.cli(['keepsake', 'list', project.target]);
    expect(out).toMatch(/public\.orders +drops the column total .*ana@example\.com/);
    await sql('insert into orders default values; delete from orders where id = 7');
    const back = await project.cli(['rollback', project.target]);
    expect(back).toMatchObject({ code: 3, err: '' });
    expect(back.out).toMatch(/In this order:.*start release r2.*go back.*the site will be closed for about/s);
    const agree = ['approve', project.target, '--plan', hashIn(back.out)];
    for (const by of ['bo', 'cy']) await project.cli(agree, as(by));
    const done = await project.cli(['status', project.target, '--watch'], { ms: 120_000 });
    expect(done.code).toBe(0);
    expect((await project.cli(['report', project.target])).out).toMatch(
      /done +put the schema back.*done +put keepsakes back.*public\.orders: 999 rows put back.*done +maintenance off/s,
    );
    expect(
      await sql("select count(*)::int as n, sum(nullif(total, '')::int)::int as sum from orders"),
    ).toEqual([{ n: 1_000, sum: (1_000 * 1_001) / 2 - 7 }]);
    expect((await site.ask()).status).toBe(200);
  }, 300_000);

  it('very high risk: two people, not the requester; a failed verification puts the data back', async () => {
    const started = await start('r4');
    expect(started).toMatchObject({ code: 3, err: '' });
    const approve = ['approve', project.target, '--plan', hashIn(started.out)];
    expect((await project.cli(approve)).err).toContain(
      'ana@example.com asked for this change, and may not approve it',
    );
    expect((await project.cli(approve, as('bo'))).out).toContain('approved; 1 more needed');
    expect((await project.cli(approve, as('bo'))).err).toContain('bo has approved already');
    expect((await project.cli(approve, as('cy'))).out).toContain('approved; it goes on');
    await project.cli(['status', project.target, '--watch'], { ms: 90_000 });
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(
      /done +keepsakes.*failed +verify.*undone +put the database back.*rows put back.*undone +let keepsakes go/s,
    );
    expect(out).toMatch(/undone +maintenance off/);
    expect(await project.record()).toMatchObject({ outcome: 'undone' });
    expect(await project.running()).toBe('r2');
    await until(async () => (await site.ask()).status === 200, 10_000, 'the open site');
    const count = await withClient(project.url, { applicationName: 'test' }, async (client) => {
      const { rows } = await client.query<{ n: number }>('select count(*)::int as n from orders');
      return rows[0]?.n;
    });
    expect(count).toBe(1_000);
  }, 150_000);
});
