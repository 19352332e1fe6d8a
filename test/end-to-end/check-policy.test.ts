import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENV_PY, INI, revisionFile } from '../support/alembic-files.js';
import { checkSettings } from '../support/check-settings.js';
import { freshDatabase, projectPython } from '../support/servers.js';
import { root } from '../support/test-stack.js';
import { cliFile } from '../support/told.js';

let folder: string;
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-policy-'));
  mkdirSync(join(folder, 'migrations', 'versions'), { recursive: true });
  mkdirSync(join(folder, 'rules'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'lockkeeper'));
  write('alembic.ini', INI);
  write('migrations/env.py', ENV_PY);
  write(
    'migrations/versions/a.py',
    revisionFile({ id: 'a', up: 'op.execute("CREATE SEQUENCE s")', down: 'pass' }),
  );
  write('index.sql', 'CREATE INDEX i ON orders (note);\n');
  write('sequence.sql', 'SELECT 1;\nCREATE SEQUENCE s;\n');
  // The one of docs/check.md, so that what people copy works.
  const [, example] = /```js\n([^]*?)```/.exec(readFileSync(join(root, 'docs', 'check.md'), 'utf8')) ?? [];
  write('rules/no-sequence.mjs', example ?? '');
  write('lockkeeper.yaml', checkSettings('{ busyTables: [orders], rules: [./rules/no-sequence.mjs] }'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const alembic = ['-m', 'alembic'];
function run(args: readonly string[], env: Record<string, string> = {}, file = process.execPath) {
  const ran = spawnSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', ...env },
    timeout: 60_000,
  });
  expect(ran.stdout + ran.stderr).not.toMatch(/\n\s+at |nobody foresaw/);
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
const check = (...args: readonly string[]) => run([cliFile, 'check', ...args]);

it('--sql: settings that only lie there are not asked for, those of --config are', () => {
  expect(check('--sql', 'index.sql', 'sequence.sql')).toMatchObject({ code: 0, err: '' });
  const { code, out } = check('--config', 'lockkeeper.yaml', '--sql', 'index.sql', 'sequence.sql');
  expect(code).toBe(1);
  expect(out).toMatch(
    /CREATE INDEX .* high\n.*\n.*\n +Raised, medium without that: orders is in check.busyTables\n/,
  );
  expect(out).toMatch(/2: CREATE SEQUENCE s .* high\n +s counts by itself[^]*\[no-sequence\]/);
});

it('of a target: its own rule judges the revisions, in every format', () => {
  expect(check('--offline', '--from', 'base').out).toMatch(/\[no-sequence\]/);
  for (const format of ['json', 'sarif', 'github', 'markdown']) {
    const { code, out } = check('--offline', '--from', 'base', '--format', format);
    expect({ code, has: out.includes('no-sequence') }).toEqual({ code: 1, has: true });
  }
});

it.each([
  ['throws', 'check() { throw new Error("no idea") }', 'own-rule-failed', 'no idea'],
  ['has no check', '', 'own-rule-wrong', 'check: expected a function'],
])('a rule that %s: the check could not be made, which is exit 2 and never 0', (_, more, code, says) => {
  write(
    'rules/bad.mjs',
    `export default { id: 'bad', risk: 'low', effect: 'e', blocks: 'b', instead: { says: 'i' }, ${more} };`,
  );
  write('bad.yaml', checkSettings('{ rules: [rules/bad.mjs] }'));
  for (const args of [
    ['--sql', 'index.sql'],
    ['--offline', '--from', 'base'],
  ]) {
    const ran = check('--config', 'bad.yaml', ...args, '--fail-on', 'never');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(says);
    expect(ran.err).toContain(code);
    expect(ran.err).toContain('rules/bad.mjs');
  }
});

it('several targets with --sql: which is meant is not guessed', () => {
  write('two.yaml', `${checkSettings('{}')}  other:\n    database: { url: '\${URL}' }\n`);
  expect(check('--config', 'two.yaml', '--sql', 'index.sql')).toMatchObject({
    code: 2,
    err: expect.stringContaining('which target?'),
  });
});

it('a rule without an installed lockkeeper is told what to do', () => {
  const alone = mkdtempSync(join(tmpdir(), 'lockkeeper-alone-'));
  writeFileSync(
    join(alone, 'a.mjs'),
    "import { defineRule } from 'lockkeeper/rule';\nexport default defineRule({});",
  );
  write('alone.yaml', checkSettings(`{ rules: [${alone}/a.mjs] }`));
  const { code, err } = check('--config', 'alone.yaml', '--sql', 'index.sql');
  rmSync(alone, { recursive: true });
  expect(code).toBe(2);
  expect(err).toMatch(/npm install --save-dev lockkeeper/);
});

it('a file of rules that has changed is loaded anew by a process that goes on', () => {
  write('again.yaml', checkSettings('{ rules: [rules/again.mjs] }'));
  const script = `
    import { writeFileSync } from 'node:fs';
    import { homeAt } from '${root}/dist/activities/home.js';
    import { policyOf } from '${root}/dist/activities/policy.js';
    for (const id of ['one', 'two']) {
      writeFileSync('rules/again.mjs', \`export default { id: '\${id}', risk: 'low', effect: 'e', blocks: 'b', instead: { says: 'i' }, check() {} }\`);
      const { policy, ownRules } = await policyOf(homeAt('again.yaml').target());
      console.log(policy.own[0].id, ownRules[0].sha256.length);
    }`;
  expect(run(['--input-type=module', '-e', script])).toMatchObject({ code: 0, out: 'one 64\ntwo 64\n' });
});

it('with the database: the size of a table raises, and the kept plan has the hash of each own rule', async () => {
  const database = await freshDatabase();
  const env = { DATABASE_URL: database.url };
  const ask = (limit: string) => {
    write('sized.yaml', checkSettings(`{ largeTableGiB: ${limit}, rules: [rules/no-sequence.mjs] }`));
    const { out } = run([cliFile, 'check', '--config', 'sized.yaml', '--json'], env);
    return JSON.parse(out) as {
      planHash: string;
      findings: { rule: string; risk: string; raised?: unknown }[];
    };
  };
  const index = (limit: string) => ask(limit).findings.find(({ rule }) => rule === 'index-blocks-writes');
  try {
    const up =
      'op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text()))';
    write('migrations/versions/a.py', revisionFile({ id: 'a', up, down: 'pass' }));
    expect(run([...alembic, 'upgrade', 'head'], env, projectPython)).toMatchObject({ code: 0 });
    const next = { id: 'b', up: 'op.create_index("i", "orders", ["note"])', down: 'op.drop_index("i")' };
    write('migrations/versions/b.py', revisionFile(next, 'a'));
    expect(index('1')).toMatchObject({ risk: 'medium' });
    expect(index('1')).not.toHaveProperty('raised');
    expect(index('0.000001')).toMatchObject({
      risk: 'high',
      raised: { risk: 'medium', reason: 'orders is larger than check.largeTableGiB, 0.000001 GiB' },
    });
    const { planHash } = ask('1');
    const plan = JSON.parse(
      readFileSync(join(folder, '.lockkeeper', 'plans', `${planHash}.json`), 'utf8'),
    ) as object;
    expect(plan).toMatchObject({
      ownRules: [{ file: 'rules/no-sequence.mjs', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    write(
      'rules/no-sequence.mjs',
      `${readFileSync(join(folder, 'rules/no-sequence.mjs'), 'utf8')}// another\n`,
    );
    expect(ask('1').planHash).not.toBe(planHash);
  } finally {
    await database.drop();
  }
});
