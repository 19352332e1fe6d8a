import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { backUp } from '../../../src/activities/back-up.js';
import { planFor } from '../../../src/activities/check.js';
import { homeAt, type Home } from '../../../src/activities/home.js';
import type { CopyInput } from '../../../src/activities/rehearsal-copy.js';
import { shell } from '../../../src/adapters/shell.js';
import type { Plan } from '../../../src/domain/plan.js';
import { freshDatabase, projectPython, servers } from '../../support/servers.js';
import { root } from '../../support/test-stack.js';
import { work } from '../restore/support.js';

const RELEASES = join(root, 'examples/shop/releases');

export interface PreparedShop {
  home: Home;
  plan: Plan;
  input: CopyInput;
  url: string;
  state: string;
  /** Its `lockkeeper.yaml`. */
  settings: string;
  /** Writes the settings anew, with others of `rehearsal.cells`. */
  configure: (more: object) => Promise<void>;
  close: () => Promise<void>;
}

export const ORDER = {
  ...{ method: 'POST', path: '/orders', status: 201 },
  body: { customer_id: 1, product_id: 2, quantity: 2 },
};

/** What the shop's users do. */
const REQUESTS = ['GET /products', 'GET /orders?limit=5', 'GET /customers/1/orders', ORDER];

const cells = {
  start: [projectPython, '-m', 'uvicorn', 'shop.main:app', '--port', '{port}', '--log-level', 'warning'],
  folder: 'releases/{release}',
  environment: { DATABASE_URL: '${DATABASE_URL}', PYTHONDONTWRITEBYTECODE: '1' },
  health: { path: '/products', deadlineSeconds: 30 },
  requests: REQUESTS,
};

/** The shop at one release, with 200 orders; the next one is planned, and the database is backed up. */
export async function shopAt(running: string, next: string, more: object = {}): Promise<PreparedShop> {
  const { tools } = await servers();
  const database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'lk-cells-'));
  const env = { DATABASE_URL: database.url, PYTHONDONTWRITEBYTECODE: '1' };
  await symlink(RELEASES, join(folder, 'releases'));
  const python = (args: string[], cwd: string) => shell({ file: projectPython, args, cwd, env });
  await python(['-m', 'alembic', 'upgrade', 'head'], join(RELEASES, running));
  await python([join(root, 'examples/shop/bin/seed.py'), '--orders', '200'], folder);
  const settings = join(folder, 'lockkeeper.yaml');
  const configure = (changed: object) => writeFile(settings, settingsWith(changed, tools.pgBin));
  await configure(more);
  process.env.DATABASE_URL = database.url; // as in the worker's own environment
  const home = homeAt(settings);
  const plan = await planFor(home.target(), { name: next, running }, work());
  const ids = { target: 'shop', runId: 'run-1', planHash: plan.planHash };
  const { note: _, ...backup } = await backUp(home, ids, work());
  const close = async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };
  const state = join(folder, '.lockkeeper');
  return { home, plan, input: { ...ids, backup }, url: database.url, state, settings, configure, close };
}

const settingsWith = (more: object, pgBin: string): string => {
  const environment = { DATABASE_URL: '${DATABASE_URL}' };
  const shop = {
    database: { url: '${DATABASE_URL}' },
    alembic: { python: projectPython, project: 'releases/{release}', environment },
    backup: { tools: pgBin },
    rehearsal: { cells: { ...cells, ...more } },
  };
  return stringify({ version: 1, targets: { shop } });
};
