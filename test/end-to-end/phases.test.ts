import { jest } from '@jest/globals';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhasesStatus } from '../../src/domain/phases/status.js';
import { query } from '../services/backfill/support.js';
import { Site } from '../services/closure/site.js';
import { Project, until } from '../support/project.js';
import { testVenv } from '../support/servers.js';

jest.setTimeout(600_000);

/** A column gets another name through all its phases, with real runs, as its users see it; and one is given up. */
const CHANGE = 'orders-total-amount';
let project: Project;
let site: Site;
beforeAll(async () => {
  site = await Site.open();
  project = await Project.make({ releases: { r2: [] } });
  await site.serve(site.snippet({ target: project.target }));
  await project.configure({
    verify: [],
    closure: { flag: site.flag, url: site.url, waitSeconds: 1 },
  });
  const lib = join(await testVenv(), 'lib');
  const python = (await readdir(lib)).find((name) => name.startsWith('python'))!;
  const mako = join(lib, python, 'site-packages/alembic/templates/generic/script.py.mako');
  await copyFile(mako, project.path('releases/r2/migrations/script.py.mako'));
  const file = `change: ${CHANGE}\nrelease: r2\nconstrain: {ask: true}\ncontract: {after: 0s}\n`;
  await writeFile(project.path('change.yaml'), file);
  const made = await cli(
    ...['phases', 'new', 'rename-column', '--table', 'orders', '--column', 'total', '--to', 'amount'],
    ...['--release', 'r2', project.target],
  );
  if (made.code !== 0) throw new Error(made.err);
  await project.worker();
});
afterAll(async () => {
  await project?.close();
  await site?.close();
});

const cli = (...args: string[]) => project.cli(args, { ms: 300_000 });
const phases = (word: string, ...more: string[]) => cli('phases', word, project.target, CHANGE, ...more);
const status = async () => JSON.parse((await phases('status', '--json')).out) as PhasesStatus;
const columns = async () =>
  (
    await query(
      project.url,
      `select column_name as name from information_schema.columns where table_name = 'orders' order by 1`,
    )
  ).map((row) => (row as unknown as { name: string }).name);

/** Two people say yes to whatever run is at its gate, until the change waits, or is over. */
async function settled(): Promise<PhasesStatus> {
  let now = await status();
  await until(
    async () => {
      now = await status();
      const waits = now.state === 'waits' && now.until === null && now.next.length > 0;
      if (waits || ['needs a person', 'done', 'abandoned'].includes(now.state)) return true;
      const { out } = await cli('status', project.target);
      const plan = /--plan ([0-9a-f]{12})/.exec(out)?.[1];
      if (plan)
        for (const by of ['bo@example.com', 'cy@example.com'])
          await project.cli(['approve', project.target, '--plan', plan], { env: { LOCKKEEPER_USER: by } });
      return false;
    },
    500_000,
    'the change to wait or to be over',
    500,
  );
  return now;
}

const stateOf = ({ lines }: PhasesStatus) => lines.map(({ phase, state }) => `${phase} ${state}`);

it('it expands, deploys and moves the data, and waits for a go; its other revisions are held back by name', async () => {
  const started = await cli('phases', 'start', project.target, '--file', 'change.yaml');
  expect([started.code, started.out]).toEqual([
    0,
    expect.stringContaining('See it: lockkeeper phases status'),
  ]);
  const now = await settled();
  expect([now.says, ...stateOf(now)]).toEqual([
    "constrain waits for a person's go",
    ...['expand done', 'deploy done', 'backfill done', 'constrain waits', 'contract to do'],
  ]);
  expect(await project.running()).toBe('r2');
  expect(await query(project.url, 'select from orders where amount is distinct from total')).toEqual([]);
  const other = await cli('deploy', project.target, '--release', 'r2', '--auto-migrate');
  expect(other.out).toMatch(
    /nothing pending; held back for their phases: 0003_constrain \(constrain of orders-total-amount\)/,
  );
  expect(other.code).toBe(0);
});

it('back from the deploy and the expand: all is as before, though the new column was filled', async () => {
  expect((await phases('abandon', '--note', 'not yet')).out).toMatch(/takes back all that was done/);
  const now = await settled();
  // The deploy beside it was of the same release: nothing of others is taken back.
  expect([now.state, now.says, ...stateOf(now)].slice(0, 4)).toEqual([
    ...['abandoned', 'all that was done is taken back', 'expand taken back', 'deploy taken back'],
  ]);
  expect([await project.running(), await columns()]).toEqual(['r1', ['id', 'total']]);
  expect((await cli('phases', 'list', project.target)).out).toMatch(/orders-total-amount +abandoned/);
});

it('begun anew it goes to its end, a file that was edited meanwhile being shown first', async () => {
  await cli('phases', 'start', project.target, '--file', 'change.yaml');
  await settled();
  const versions = project.path('releases/r2/migrations/versions');
  const name = (await readdir(versions)).find((each) => each.startsWith('0005_'))!;
  await writeFile(join(versions, name), '\n# looked at again\n', { flag: 'a' });
  await phases('go');
  expect((await settled()).says).toMatch(/0005_.* of 0005_contract was edited since the change began/);
  await phases('go');
  const waits = await settled();
  expect([waits.phase, waits.state]).toEqual(['contract', 'waits']);
  await phases('go', '--overrule', 'the test looks itself');
  const now = await settled();
  expect([now.state, ...stateOf(now)]).toEqual([
    'done',
    ...['expand done', 'deploy done', 'backfill done', 'constrain done', 'contract done'],
  ]);
  expect(await columns()).toEqual(['amount', 'id']);
  const report = await phases('report');
  expect(report.out).toMatch(
    /# orders-total-amount of shop-\w+: done.*overrules: the test looks itself.*## Run .*approve/s,
  );
});
