import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv04 from 'ajv-draft-04';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkSchema } from '../../scripts/pages/check-schema.js';
import { cliFile } from '../support/told.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-sql-'));
  write('good.sql', 'ALTER TABLE orders ADD COLUMN note text;\n');
  write('medium.sql', '-- an index\nCREATE INDEX orders_note ON orders (note);\n');
  write('bad.sql', 'SELECT 1;\n\nDROP TABLE "Größe; 100%";\n\\d orders\n');
  mkdirSync(join(folder, 'empty'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);

/** In a folder with nothing but SQL: no settings, no database, no Temporal, and no way to any of them. */
function check(args: readonly string[], input?: string) {
  const ran = spawnSync(process.execPath, [cliFile, 'check', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: '/nonexistent', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    timeout: 30_000,
    ...(input === undefined ? {} : { input }),
  });
  expect(ran.stdout + ran.stderr).not.toMatch(/\n\s+at |nobody foresaw/);
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
const json = (args: readonly string[], input?: string): unknown =>
  JSON.parse(check([...args, '--format', 'json'], input).out);

describe('exit codes', () => {
  it.each([
    ['a clean file', ['good.sql'], 0],
    ['a clean file, whatever it is to fail on', ['good.sql', '--fail-on', 'low'], 0],
    ['a finding below high', ['medium.sql'], 0],
    ['a finding at --fail-on', ['medium.sql', '--fail-on', 'medium'], 1],
    ['a finding below --fail-on', ['medium.sql', '--fail-on', 'high'], 0],
    ['a high one, without --fail-on', ['bad.sql'], 1],
    ['a high one, when nothing is to fail', ['bad.sql', '--fail-on', 'never'], 0],
    ['any of several files', ['good.sql', 'bad.sql'], 1],
    ['a file that is missing', ['good.sql', 'nix.sql'], 2],
    ['a folder without SQL', ['empty'], 2],
    ['a version that there is not', ['good.sql', '--postgres', '9'], 2],
    ['a risk that there is not', ['good.sql', '--fail-on', 'severe'], 2],
    ['two formats', ['good.sql', '--json', '--format', 'sarif'], 2],
    ['a release', ['good.sql', '--release', 'r2'], 2],
  ])('%s', (_, args, code) => expect(check(['--sql', ...args]).code).toBe(code));
});

it('what is missing is named, as text and as JSON', () => {
  const text = check(['--sql', 'nix.sql', 'no*.ddl']);
  expect(text).toMatchObject({ code: 2, out: '' });
  expect(text.err).toMatchInlineSnapshot(`
    "error: 2 files cannot be checked
      why    - nix.sql: there is no such file
             - no*.ddl: nothing fits this pattern
      state  this command changed nothing
      next   1. correct the names after --sql; a folder stands for all *.sql in it, - for standard input
      code   sql-not-readable
    "
  `);
  const found = check(['--sql', 'nix.sql', '--format', 'json']);
  expect(found.err).toBe('');
  expect(JSON.parse(found.out)).toMatchObject({ error: { code: 'sql-not-readable' } });
});

it('standard input is a file like any other', () => {
  const piped = check(['--sql', '-'], 'DROP TABLE a;');
  expect(piped).toMatchObject({ code: 1, err: '' });
  expect(piped.out).toMatch(/^standard input {3}1 statement\n +1: DROP TABLE a/);
  expect(json(['--sql', '-'], 'DROP TABLE a;')).toMatchObject({ files: [{ file: '-', risk: 'very-high' }] });
  expect(check(['--sql', '-'], '')).toMatchObject({ code: 0 });
});

describe('JSON', () => {
  /** As the schema, but whatever it does not tell of is refused. */
  const closed = (schema: unknown): unknown =>
    Array.isArray(schema)
      ? schema.map(closed)
      : typeof schema === 'object' && schema !== null
        ? Object.fromEntries([
            ...Object.entries(schema).map(([key, value]) => [key, closed(value)]),
            ...('properties' in schema ? [['additionalProperties', false]] : []),
          ])
        : schema;
  const valid = new Ajv2020({ strict: false }).compile(closed(checkSchema) as object);

  it.each([
    ['files', ['--sql', 'good.sql', 'bad.sql', 'medium.sql']],
    ['an error', ['--sql', 'nix.sql']],
  ])('of %s is as schema/check.schema.json says', (_, args) => {
    valid(json(args));
    expect(valid.errors).toBeNull();
  });

  it('is not just anything for that schema', () => {
    for (const wrong of [
      {},
      { schemaVersion: 1, error: {} },
      { ...(json(['--sql', 'good.sql']) as object), x: 1 },
    ])
      expect(valid(wrong)).toBe(false);
  });

  it('has an entry a file, each judged by itself', () => {
    write('uses.sql', 'CREATE INDEX i ON made (a);');
    write('makes.sql', 'CREATE TABLE made (a int PRIMARY KEY);');
    expect(json(['--sql', 'makes.sql', 'uses.sql', 'bad.sql'])).toMatchObject({
      schemaVersion: 1,
      risk: 'very-high',
      procedure: 'very-high-risk',
      coverage: { analysed: 4, total: 5 },
      revisions: [],
      findings: [{ file: 'uses.sql' }, { file: 'bad.sql', line: 3 }, { file: 'bad.sql', line: 4 }],
      files: [
        { file: 'makes.sql', risk: 'low', findings: [] },
        { file: 'uses.sql', risk: 'medium', findings: [{ rule: 'index-blocks-writes', line: 1 }] },
        {
          file: 'bad.sql',
          risk: 'very-high',
          coverage: { analysed: 2, total: 3 },
          findings: [
            {
              ...{ rule: 'table-dropped', risk: 'very-high', line: 3, evidence: 'static' },
              statement: 'DROP TABLE "Größe; 100%"',
              relations: [{ name: '"Größe; 100%"', lock: 'ACCESS EXCLUSIVE', blocks: 'reads and writes' }],
              ...{ dataLoss: true, breaksRunning: true },
            },
            { rule: 'unreadable-sql', line: 4 },
          ],
        },
      ],
    });
  });
});

it('SARIF is valid against the schema of OASIS, with the line and the rule of each finding', () => {
  const path = new URL('../support/sarif-2.1.0.json', import.meta.url);
  const ajv = new Ajv04.default({ strict: false, validateFormats: false, unicodeRegExp: false });
  const valid = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
  write('Größe 100%.sql', 'DROP TABLE a;');
  for (const args of [['good.sql'], ['bad.sql', 'medium.sql', 'Größe 100%.sql']]) {
    const log = JSON.parse(check(['--sql', ...args, '--format', 'sarif']).out) as Record<string, unknown>;
    valid(log);
    expect(valid.errors).toBeNull();
    expect(valid({ ...log, runs: [{}] })).toBe(false);
  }
  const { runs } = JSON.parse(check(['--sql', 'Größe 100%.sql', '--format', 'sarif']).out) as {
    runs: unknown[];
  };
  expect(runs[0]).toMatchObject({
    tool: { driver: { name: 'Lockkeeper', rules: [{ id: 'table-dropped' }] } },
    results: [
      {
        ...{ ruleId: 'table-dropped', ruleIndex: 0, level: 'error' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'Gr%C3%B6%C3%9Fe%20100%25.sql' },
              region: { startLine: 1 },
            },
          },
        ],
      },
    ],
  });
});

it('annotations and the comment for a pull request are printed alone', () => {
  expect(check(['--sql', 'bad.sql', '--format', 'github']).out).toMatch(
    /^::error file=bad\.sql,line=3,title=very-high%3A table-dropped::.*\n::error .*\n2 of 3 statements analysed/,
  );
  expect(check(['--sql', 'bad.sql', '--format', 'markdown']).out).toMatch(/^<!-- lockkeeper check -->\n### /);
});

it('--schema says what is there before, and each file meets it as it was', () => {
  write('schema.sql', 'CREATE TABLE orders (id int PRIMARY KEY, note varchar(10));');
  write('wider.sql', 'ALTER TABLE orders ALTER COLUMN note TYPE varchar(20);');
  write('gone.sql', 'DROP TABLE orders;');
  const filesOf = (...names: string[]) =>
    (json(['--sql', ...names, '--schema', 'schema.sql']) as { files: { file: string }[] }).files;
  expect(filesOf('gone.sql', 'wider.sql')[1]).toEqual(filesOf('wider.sql')[0]);
  write('broken.sql', 'CREATE TABEL orders (id int);');
  expect(check(['--sql', 'wider.sql', '--schema', 'broken.sql'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/schema in broken.sql cannot be read.*line 1: syntax error/s),
  });
  expect(check(['--sql', 'wider.sql', '--schema', 'nix.sql']).code).toBe(2);
});

it('--in-transaction: what cannot run in one fails', () => {
  write('index.sql', 'CREATE INDEX CONCURRENTLY i ON orders (note);');
  const rules = (args: string[]) =>
    (json(['--sql', 'index.sql', ...args]) as { findings: { rule: string }[] }).findings.map(
      ({ rule }) => rule,
    );
  expect(rules([])).not.toContain('fails-in-transaction');
  expect(rules(['--in-transaction'])).toContain('fails-in-transaction');
});

it('--explain tells a rule, suggests what was meant, and lists them all', () => {
  expect(check(['--explain', 'table-dropped']).out).toMatch(
    /^table-dropped: very-high risk\n.*With Alembic:/s,
  );
  expect(check(['--explain', 'drop-table'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('lockkeeper check --explain lists them all'),
  });
  expect(check(['--explain', 'table-droped']).err).toContain('did you mean table-dropped?');
  const all = check(['--explain']).out.trim().split('\n');
  expect(all.length).toBeGreaterThan(50);
  expect(Math.max(...all.map((line) => line.length))).toBeLessThanOrEqual(100);
});

it('without settings, a check of a target says what to do', () => {
  expect(check([])).toMatchObject({ code: 2 });
  expect(check([]).err.replace(folder, 'FOLDER')).toMatchInlineSnapshot(`
    "error: there is no FOLDER/lockkeeper.yaml
      state  this command changed nothing
      next   1. lockkeeper init writes one from what it finds in this folder
             2. or name another: lockkeeper --config PATH …, or LOCKKEEPER_CONFIG
             3. files of SQL are checked without: lockkeeper check --sql FILE…
      code   no-settings
    "
  `);
});

it('a folder of 300 files takes a moment, and ends with one verdict', () => {
  mkdirSync(join(folder, 'many'));
  for (let i = 0; i < 300; i += 1) write(`many/${i}.sql`, 'DROP TABLE a;\nCREATE INDEX i ON b (c);\n');
  const { out, code } = check(['--sql', 'many']);
  expect(code).toBe(1);
  expect(out).toContain('600 of 600 statements analysed in 300 files, findings: 300 very-high, 300 medium.');
  expect(out.split('\n').length).toBeLessThanOrEqual(41);
});

it('more than fits into a pipe arrives whole', () => {
  expect(json(['--sql', '-'], 'DROP TABLE orders;\n'.repeat(700))).toMatchObject({
    coverage: { analysed: 700, total: 700 },
  });
});

it('a file that may not be read is named', () => {
  write('secret.sql', 'DROP TABLE a;');
  chmodSync(join(folder, 'secret.sql'), 0);
  mkdirSync(join(folder, 'folder.sql'));
  writeFileSync(join(folder, 'folder.sql', 'x.sql'), 'SELECT 1;');
  if (process.getuid?.() !== 0)
    expect(check(['--sql', 'good.sql', 'secret.sql'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/secret\.sql: .*permission denied/i),
    });
  expect(check(['--sql', 'folder.sql'])).toMatchObject({ code: 0 });
});
