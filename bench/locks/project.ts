import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { homeAt, type Home } from '../../src/activities/home.js';
import { ENV_PY, INI, revisionFile } from '../../test/support/alembic-files.js';

/** What the clients change, before the migration. */
export const ORDERS = `
  create table orders (id int primary key, n int not null default 0);
  insert into orders select i, 0 from generate_series(1, 1000) i;
  analyze orders`;

/** Whoever is told of an `alembic` below: its interpreter, its folder and its environment. */
export interface Migrating {
  python: string;
  folder: string;
  url: string;
}

/** A project with one revision, which adds a column. */
export function writeProject(folder: string): void {
  mkdirSync(join(folder, 'migrations', 'versions'), { recursive: true });
  writeFileSync(join(folder, 'alembic.ini'), INI);
  writeFileSync(join(folder, 'migrations', 'env.py'), ENV_PY);
  const up = "op.add_column('orders', sa.Column('note', sa.Text()))";
  const revision = { id: 'r1', up, down: "op.drop_column('orders', 'note')" };
  writeFileSync(join(folder, 'migrations', 'versions', 'r1.py'), revisionFile(revision));
}

/** The revision as SQL, all of it one transaction: what those run that are no Alembic. */
export async function renderedSql({ python, folder, url }: Migrating): Promise<string> {
  const env = { ...process.env, DATABASE_URL: url };
  const args = ['-m', 'alembic', 'upgrade', 'head', '--sql'];
  const { stdout } = await promisify(execFile)(python, args, { cwd: folder, env });
  return stdout.replace(/^(BEGIN|COMMIT);$/gm, '');
}

/** Settings for the project in its folder. */
export function lockkeeperHome({ python, folder, url }: Migrating): Home {
  const shop = {
    database: { url: 'file:url' },
    alembic: { python, project: '.', environment: { DATABASE_URL: 'file:url' } },
  };
  writeFileSync(join(folder, 'url'), url);
  const file = join(folder, 'lockkeeper.yaml');
  writeFileSync(file, stringify({ version: 1, targets: { shop } }));
  return homeAt(file);
}
