import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkSchema } from '../../scripts/pages/check-schema.js';
import { ENV_PY, INI, revisionFile } from '../support/alembic-files.js';
import { projectPython } from '../support/servers.js';
import { cliFile } from '../support/told.js';

let folder: string;
const settings = (more = '') => `version: 1
targets:
  shop:
    database: { url: '\${DATABASE_URL}' }
    alembic:
      python: ${projectPython}
      environment: { DATABASE_URL: '\${DATABASE_URL}', PLAIN: set }
${more}`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-offline-'));
  mkdirSync(join(folder, 'migrations', 'versions'), { recursive: true });
  write('alembic.ini', INI);
  write('migrations/env.py', ENV_PY);
  write('migrations/script.py.mako', '');
  const down = 'pass';
  const revisions = [
    {
      id: '0001',
      up: 'op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.String(50)))',
      down,
    },
    {
      id: '0002',
      up: 'assert os.environ["PLAIN"] == "set"\n    op.alter_column("orders", "note", type_=sa.String(100))',
      down,
    },
    { id: '0003', up: 'op.add_column("orders", sa.Column("gift", sa.Text()))', down },
  ];
  for (const [at, revision] of revisions.entries())
    write(`migrations/versions/${revision.id}.py`, revisionFile(revision, revisions[at - 1]?.id));
  write('lockkeeper.yaml', settings());
  write('schema.sql', 'CREATE TABLE orders (id int PRIMARY KEY, note varchar(50));');
});
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** As in a CI: the variable with the URL is not there, nor is a database. */
function check(...args: readonly string[]) {
  const ran = spawnSync(process.execPath, [cliFile, 'check', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    timeout: 60_000,
  });
  expect(ran.stdout + ran.stderr).not.toMatch(/\n\s+at |nobody foresaw/);
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

it('a check of a target whose database is not to be had says that the files alone can be judged', () => {
  const { code, err } = check();
  expect(code).toBe(2);
  expect(err).toMatch(/DATABASE_URL is not set.*lockkeeper check shop --offline --from REVISION/s);
});

it('judges what is above --from, says which verdict would change with the database, and is no plan', () => {
  const { code, out, err } = check('--offline', '--from', '0001');
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatch(/^shop {2}above 0001, without its database {3}2 revisions, 2 statements\n/);
  expect(out).toMatch(/VARCHAR\(100\) +high\n.*Without the database it is not known whether orders.note/s);
  expect(out).toContain('With the database 1 verdict may change: see where something is not known.');
  expect(out).toMatch(/This is no plan that could run. Where the database is: lockkeeper check shop\n$/);
  expect(out).not.toContain('lockkeeper deploy');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect(existsSync(join(folder, '.lockkeeper'))).toBe(false);
});

it('with --schema the verdict is the one that the database would give', () => {
  const { code, out } = check('--offline', '--from', '0001', '--schema', 'schema.sql', '--postgres', '16');
  expect(code).toBe(0);
  expect(out).toMatch(/from varchar\(50\) to varchar\(100\) changes no row/);
  expect(out).not.toContain('With the database');
});

it('says as JSON what was assumed, with no hash of a plan, as schema/check.schema.json has it', () => {
  const { out } = check('--offline', '--from', '0001', '--json');
  const found = JSON.parse(out) as object;
  const valid = new Ajv2020({ strict: false }).compile(checkSchema);
  valid(found);
  expect(valid.errors).toBeNull();
  expect(found).toMatchObject({
    risk: 'high',
    offline: { from: ['0001'], schema: null },
    revisions: [{ revision: '0002' }, { revision: '0003', risk: 'low' }],
    findings: expect.arrayContaining([
      expect.objectContaining({ unsure: expect.stringMatching(/^without the database/) }),
    ]),
  });
  expect(found).not.toHaveProperty('planHash');
});

it.each([
  ['the newest revision: nothing is pending', ['--from', '0003'], 0, 'No migration is pending'],
  ['base: all is new, and nothing is dangerous', ['--from', 'base'], 0, '3 revisions'],
  ['nothing at all', [], 2, 'nearly nothing is dangerous'],
  ['a revision that there is not', ['--from', 'nix'], 2, 'no revision file has the id nix'],
  ['base and another', ['--from', 'base,0001'], 2, 'base stands alone'],
  ['several revisions of one line', ['--from', '0001,0002'], 2, '0002 overlaps'],
  ['--sql as well', ['--from', '0001', '--sql', 'schema.sql'], 2, 'leave the one or the other out'],
])('--from: %s', (_, args, code, says) => {
  const ran = check('--offline', ...args);
  expect(ran.out + ran.err).toContain(says);
  expect(ran.code).toBe(code);
});

it('--from without --offline is refused, and a folder for each release needs its name', () => {
  expect(check('--from', '0001')).toMatchObject({ code: 2, err: expect.stringContaining('add --offline') });
  write('named.yaml', settings("      project: '{release}'\n"));
  expect(check('--config', 'named.yaml', '--offline', '--from', 'base').err).toMatch(/--release NAME/);
});

it('annotations name the file as the CI has it, with the line of the call', () => {
  expect(check('--offline', '--from', '0001', '--format', 'github').out).toMatch(
    /^::error file=migrations\/versions\/0002\.py,line=\d+,title=high%3A column-type-changed::/,
  );
});

it('a folder without Alembic is told so, whatever fails exits with 2, and never with that of a finding', () => {
  mkdirSync(join(folder, 'empty'));
  write('empty/lockkeeper.yaml', settings());
  expect(check('--config', 'empty/lockkeeper.yaml', '--offline', '--from', 'base')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/configuration was not found.*alembic init migrations/s),
  });
  write('failing.yaml', settings("    release: { next: 'exit 7' }\n"));
  expect(check('--config', 'failing.yaml')).toMatchObject({ code: 2 });
  expect(readFileSync(join(folder, 'lockkeeper.yaml'), 'utf8')).toContain('shop');
});
