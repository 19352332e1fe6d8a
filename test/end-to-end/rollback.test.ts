import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withClient } from '../../src/adapters/postgres/client.js';
import { shell } from '../../src/adapters/shell.js';
import { Project } from '../support/project.js';
import { projectPython, templateDatabase } from '../support/servers.js';
import { root } from '../support/test-stack.js';

const RELEASES = join(root, 'examples/shop/releases');
const MS = 240_000;

/** What only this team knows. */
const NO_STOCK = `export default {
  id: 'stock-is-elsewhere', risk: 'low', effect: 'r2 fails.', blocks: 'nothing', alsoNew: true, breaksRunning: true,
  instead: { says: 'Wait for r4.' }, on: ['CreateStmt'],
  check: ({ CreateStmt }) =>
    CreateStmt?.relation?.relname === 'stock' && { message: 'r2 asks another service for the stock' },
};`;

const firstShop = (url: string) =>
  shell({
    ...{ file: projectPython, args: ['-m', 'alembic', 'upgrade', 'head'], cwd: join(RELEASES, 'r1') },
    env: { DATABASE_URL: url, PYTHONDONTWRITEBYTECODE: '1' },
  }).then(() => undefined);

describe('the shop goes two releases forward', () => {
  let project: Project;
  beforeAll(async () => {
    const template = await templateDatabase('lk_shop_first', firstShop);
    const environment = { DATABASE_URL: '${DATABASE_URL}' };
    const alembic = { python: projectPython, project: 'shop/{release}', environment };
    project = await Project.make({ template, settings: { alembic, check: { rules: ['rules/stock.mjs'] } } });
    await cp(RELEASES, project.path('shop'), { recursive: true });
    await mkdir(project.path('rules'));
    await writeFile(project.path('rules/stock.mjs'), NO_STOCK);
    await project.worker();
    for (const release of ['r2', 'r3']) await deploy(release);
  }, MS);
  afterAll(() => project?.close());

  const run = (...args: string[]) => project.cli(args, { ms: MS });
  const back = (...args: string[]) => run('rollback', project.target, ...args);
  const deploy = async (release: string) =>
    expect(await run('deploy', project.target, '--release', release, '--auto-migrate')).toMatchObject({
      code: 0,
    });
  const stands = async () => {
    const sql = `select (select version_num from alembic_version) as at, to_regclass('stock') is not null as stock,
      to_regclass('coupons') is not null as coupons`;
    const rows = await withClient(project.url, { applicationName: 'test' }, (client) => client.query(sql));
    return { release: await project.running(), ...(rows.rows[0] as object) };
  };
  const third = { release: 'r3', at: '0003_stock', stock: true, coupons: true };
  const first = { release: 'r1', at: '0001_first', stock: false, coupons: false };

  it(
    'and not back alone, where the release before would break: the reason is told, and what to do',
    async () => {
      const { code, out } = await back('--app-only');
      expect(out).toMatch(
        /r2 of .* may not run on the schema as it is.*r2 asks another service for the stock.*put the schema back as well/s,
      );
      expect(code).toBe(1);
      expect(await stands()).toEqual(third);
    },
    MS,
  );

  it(
    'and back by two, in one run, although git has taken a revision file away',
    async () => {
      await rm(project.path('shop/r3/migrations/versions/0003_stock.py'));
      await rm(project.path('shop/r2'), { recursive: true });
      const { code, out } = await back('--to', 'r1');
      expect(out).toMatch(
        /1\. start release r1 in place of r3.*r3 → r2: downgrade 0003_stock.*r2 → r1: downgrade 0002_gifts.*the site stays open/s,
      );
      expect(out).toMatch(
        /done +put the release back.*done +put the schema back.*done +put the schema back.*done +verify/s,
      );
      expect(code).toBe(0);
      expect(await stands()).toEqual(first);
    },
    MS,
  );

  it(
    'and back in two parts: the release alone, then the schema alone',
    async () => {
      await cp(join(RELEASES, 'r2'), project.path('shop/r2'), { recursive: true });
      await deploy('r2');
      expect(await back('--app-only')).toMatchObject({ code: 0 });
      expect(await stands()).toEqual({ ...first, at: '0002_gifts', coupons: true });
      const whole = await back();
      expect(whole.out).toContain('there is no deploy of');
      expect(whole.out).toContain('--schema-only');
      expect(await back('--schema-only')).toMatchObject({ code: 0 });
      expect(await stands()).toEqual(first);
    },
    MS,
  );
});
