import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhasesStatus } from '../../src/domain/phases/status.js';
import { query } from '../services/backfill/support.js';
import { Site } from '../services/closure/site.js';
import { approveByTwo } from '../support/people.js';
import { Project, until } from '../support/project.js';
import { testVenv } from '../support/servers.js';
import { PICTURES } from '../support/web-ui.js';

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
  await change('constrain: {ask: true}');
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

/** Its change file, with this besides. */
const change = (more: string) =>
  writeFile(
    project.path('change.yaml'),
    `change: ${CHANGE}\nrelease: r2\n${more}\ncontract: {after: 0s, proofEvery: 10s}\n`,
  );
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
      const waits = now.state === 'waits' && now.next.length > 0;
      if (waits || ['needs a person', 'done', 'abandoned'].includes(now.state)) return true;
      await approveByTwo(project);
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

it('begun anew it waits a day before constrain, or for a reason; what was edited or put back meanwhile is shown first', async () => {
  await change('constrain: {after: 1d}');
  await cli('phases', 'start', project.target, '--file', 'change.yaml');
  const waits = await settled();
  expect([waits.phase, waits.says]).toEqual(['constrain', 'constrain waits for its time']);
  expect((await phases('go')).err).toMatch(/constrain waits until .*--overrule/s);
  const versions = project.path('releases/r2/migrations/versions');
  const name = (await readdir(versions)).find((each) => each.startsWith('0005_'))!;
  await writeFile(join(versions, name), '\n# looked at again\n', { flag: 'a' });
  await writeFile(project.path('running'), 'r1');
  await phases('go', '--overrule', 'a test has no day');
  const { says } = await settled();
  expect(says).toMatch(/0005_.* of 0005_contract was edited since the change began/);
  expect(says).toMatch(/release r1 runs, which is older than r2, the one that uses what is new/);
  await writeFile(project.path('running'), 'r2');
  await phases('go');
  const asks = await settled();
  expect([asks.phase, asks.state, asks.says]).toEqual([
    ...['contract', 'waits', "contract waits for a person's go"],
  ]);
});

it('contract is refused with the name of one forgotten old process, and passes by itself when that was stopped', async () => {
  const old = spawn('sleep', ['600'], { cwd: project.path('releases/r1'), stdio: 'ignore' });
  const gone = once(old, 'close');
  try {
    await phases('go');
    const isNamed = async () => (await status()).says.includes('no old code is left');
    await until(isNamed, 60_000, 'the refusal', 500);
    const { says, state, phase, next } = await status();
    expect([phase, state]).toEqual(['contract', 'waits']);
    expect(says).toMatch(
      new RegExp(
        `contract waits until no old code is left: process ${old.pid} \\(sleep\\) runs from the folder of r1`,
      ),
    );
    expect(next.join()).toContain('--overrule');
    expect((await phases('status')).out).toContain(`kill ${old.pid}`);
    expect(await columns()).toEqual(['amount', 'id', 'total']);
  } finally {
    old.kill('SIGKILL');
    await gone;
  }
  await until(async () => (await status()).state !== 'waits', 60_000, 'it to go on by itself', 500);
  const now = await settled();
  expect([now.state, ...stateOf(now)]).toEqual([
    'done',
    ...['expand done', 'deploy done', 'backfill done', 'constrain done', 'contract done'],
  ]);
  expect(await columns()).toEqual(['amount', 'id']);
});

it('one page tells the whole: as Markdown, and as one HTML file that asks for nothing else', async () => {
  const { out } = await phases('report');
  expect(out).toMatch(
    /# orders-total-amount of shop-\w+: done.*\| expand \| ✓ done \| (?:low|medium) .*overrules: a test has no day.*## Run .*approve/s,
  );
  expect(out).toMatch(/\| processes \| ✓ none \|/);
  expect(out).toMatch(/1000 rows changed, 0 rows left, all compare/);
  expect(out).toMatch(/\| `orders` \| ACCESS EXCLUSIVE \|.*DROP COLUMN total/s);
  expect((await phases('report', '--html', 'report.html')).out).toBe('The page is in report.html\n');
  const html = await readFile(project.path('report.html'), 'utf8');
  // For people to look at, as the pictures of the Web UI are.
  await mkdir(PICTURES, { recursive: true });
  await writeFile(join(PICTURES, 'phases-report.html'), html);
  expect(html).toContain('<title>orders-total-amount of shop-');
  expect(html).not.toMatch(/<script|<img|<link|(src|href)="(?!#)|url\(/);
  expect((await phases('report', '--html', 'nowhere/report.html')).err).toMatch(
    /nowhere\/report\.html cannot be used/,
  );
});
