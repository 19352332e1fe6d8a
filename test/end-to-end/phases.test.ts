import { jest } from '@jest/globals';
import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhasesStatus } from '../../src/domain/phases/status.js';
import { query } from '../services/backfill/support.js';
import { Site } from '../services/closure/site.js';
import { Project, until } from '../support/project.js';
import { testVenv } from '../support/servers.js';

jest.setTimeout(240_000);

/** One change through all its phases, as its users see it. */
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
  const file = `change: ${CHANGE}
release: r2
contract: {after: 0s}
`;
  await writeFile(project.path('change.yaml'), file);
  await project.worker();
});
afterAll(async () => {
  await project?.close();
  await site?.close();
});

const cli = (...args: string[]) => project.cli(args, { ms: 120_000 });
const status = async () =>
  JSON.parse((await cli('phases', 'status', project.target, CHANGE, '--json')).out) as PhasesStatus;

/** Two people say yes to whatever run is at its gate, until the change is where it should be. */
async function approveUntil(is: (status: PhasesStatus) => boolean, what: string): Promise<void> {
  await until(
    async () => {
      const now = await status();
      if (is(now)) return true;
      if (now.state !== 'running' && now.state !== 'going back') return false;
      for (const by of ['bo@example.com', 'cy@example.com'])
        await project.cli(['approve', project.target], { env: { LOCKKEEPER_USER: by } });
      return false;
    },
    200_000,
    what,
    500,
  );
}

it('goes forward', async () => {
  const made = await cli(
    ...['phases', 'new', 'rename-column', '--table', 'orders', '--column', 'total', '--to', 'amount'],
    ...['--release', 'r2', project.target],
  );
  expect([made.code, made.err]).toEqual([0, '']);
  const started = await cli('phases', 'start', project.target, '--file', 'change.yaml');
  console.log(started.out, started.err);
  await approveUntil(({ state, phase }) => state === 'needs a person' || (state === 'waits' && phase === 'contract'), 'contract');
  console.log((await cli('phases', 'status', project.target, CHANGE)).out);
  expect(await project.running()).toBe('r2');
  const held = await cli('check', project.target, '--release', 'r2');
  console.log(held.out, held.err);
  const went = await cli('phases', 'go', project.target, CHANGE);
  console.log(went.out, went.err);
  await approveUntil(({ state }) => state === 'needs a person' || state === 'done', 'the end');
  console.log((await cli('phases', 'status', project.target, CHANGE)).out);
  console.log((await cli('phases', 'list', project.target)).out);
  expect(await query(project.url, 'select * from orders limit 1')).toEqual([]);
});
