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
  id: '0003_cleaned',
  up: 'op.execute("delete from orders where id % 10 = 0")',
  down: 'pass',
};

describe('a change that needs the site closed', () => {
  let project: Project;
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
    project = await Project.make({ releases: { r2: [REWRITE], r3: [TOO_MUCH] } });
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

  it('very high risk: two people, not the requester; a failed verification puts the data back', async () => {
    const started = await start('r3');
    expect(started.code).toBe(3);
    const approve = ['approve', project.target, '--plan', hashIn(started.out)];
    expect((await project.cli(approve)).err).toContain(
      'ana@example.com asked for this change, and may not approve it',
    );
    expect((await project.cli(approve, as('bo'))).out).toContain('approved; 1 more needed');
    expect((await project.cli(approve, as('bo'))).err).toContain('bo has approved already');
    expect((await project.cli(approve, as('cy'))).out).toContain('approved; it goes on');
    await project.cli(['status', project.target, '--watch'], { ms: 90_000 });
    const { out } = await project.cli(['report', project.target]);
    expect(out).toMatch(/failed +verify.*undone +put the database back.*restored from the backup/s);
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
