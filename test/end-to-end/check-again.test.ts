import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ENV_PY, INI, revisionFile } from '../support/alembic-files.js';
import { checkSettings } from '../support/check-settings.js';
import { freshDatabase } from '../support/servers.js';
import { cliFile } from '../support/told.js';

type Database = Awaited<ReturnType<typeof freshDatabase>>;

let database: Database;
let client: pg.Client;
let folder: string;
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const revision = (up: string) =>
  write('migrations/versions/a.py', revisionFile({ id: 'a', up: `op.execute("${up}")`, down: 'pass' }));

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client(database.url);
  await client.connect();
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-again-'));
  mkdirSync(join(folder, 'migrations', 'versions'), { recursive: true });
  write('alembic.ini', INI);
  write('migrations/env.py', ENV_PY);
  write('lockkeeper.yaml', checkSettings('{}'));
  revision('ALTER TABLE orders ALTER note TYPE varchar(100)');
  await client.query('CREATE TABLE orders (id int PRIMARY KEY, note varchar(50))');
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await client.end();
  await database.drop();
});

const state = (name: string) => join(folder, '.lockkeeper', name);
const KEPT = ['judged', 'named'];

function check(): { risk: string; findings: { rule: string }[] } {
  const ran = spawnSync(process.execPath, [cliFile, 'check', 'shop', '--json'], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', DATABASE_URL: database.url },
    timeout: 60_000,
  });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as ReturnType<typeof check>;
}

/** What whoever remembers says is what whoever remembers nothing says. */
function checkedBothWays() {
  const remembered = check();
  for (const name of KEPT) rmSync(state(name), { recursive: true, force: true });
  expect(remembered).toEqual(check());
  return remembered;
}

it('judges once what has not changed, and anew whatever has', async () => {
  const first = checkedBothWays();
  expect(first.risk).toBe('low');
  const kept = () => KEPT.map((name) => readdirSync(state(name)));
  const before = kept();
  expect(check()).toEqual(first);
  expect(kept()).toEqual(before);

  await client.query('ALTER TABLE orders ALTER note TYPE varchar(200)');
  expect(checkedBothWays().risk).toBe('very-high');

  revision('ALTER TABLE orders ALTER note TYPE varchar(300)');
  expect(checkedBothWays().risk).toBe('low');

  await client.query('CREATE VIEW notes AS SELECT note FROM orders');
  expect(checkedBothWays().risk).not.toBe('low');
  await client.query('DROP VIEW notes');

  write('lockkeeper.yaml', checkSettings('{ busyTables: [orders] }'));
  const busy = checkedBothWays();
  write('lockkeeper.yaml', checkSettings('{}'));
  expect(checkedBothWays()).not.toEqual(busy);
  expect(existsSync(state('judged'))).toBe(true);
});
