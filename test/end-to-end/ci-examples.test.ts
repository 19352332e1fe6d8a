import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ENV_PY, INI, revisionFile } from '../support/alembic-files.js';
import { projectPython } from '../support/servers.js';
import { root } from '../support/test-stack.js';
import { cliFile } from '../support/told.js';

const example = (name: string) => join(root, 'examples', 'ci', name);
const yamlOf = (name: string): unknown => parse(readFileSync(example(name), 'utf8'));

let home: string;
let bin: string;
let repository: string;
const write = (name: string, text: string) => writeFileSync(join(repository, name), text);
const executable = (path: string, text: string) => {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
};

function run(file: string, args: readonly string[], env: Record<string, string> = {}) {
  const who = { NAME: 'ana', EMAIL: 'ana@example.com' };
  const ran = spawnSync(file, args, {
    cwd: repository,
    encoding: 'utf8',
    env: {
      ...{ PATH: `${bin}:/usr/bin:/bin`, HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
      ...{ GIT_AUTHOR_NAME: who.NAME, GIT_AUTHOR_EMAIL: who.EMAIL },
      ...{ GIT_COMMITTER_NAME: who.NAME, GIT_COMMITTER_EMAIL: who.EMAIL },
      ...env,
    },
    timeout: 120_000,
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
function git(...args: readonly string[]): string {
  const ran = run('git', args);
  if (ran.code !== 0) throw new Error(ran.err);
  return ran.out.trim();
}

const revision = (id: string, up: string, before?: string) =>
  write(`migrations/versions/${id}.py`, revisionFile({ id, up, down: 'pass' }, before));
const DANGEROUS = 'op.drop_table("orders")';
const SAFE = 'op.add_column("orders", sa.Column("gift", sa.Text()))';

/** A repository whose main has one revision. `lockkeeper` and `python3` are in the PATH, as they are in a CI. */
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lockkeeper-ci-'));
  [bin, repository] = [join(home, 'bin'), join(home, 'repository')];
  for (const folder of [bin, join(repository, 'migrations', 'versions'), join(repository, 'scripts')])
    mkdirSync(folder, { recursive: true });
  executable(join(bin, 'lockkeeper'), `exec '${process.execPath}' '${cliFile}' "$@"`);
  executable(join(bin, 'python3'), `exec '${projectPython}' "$@"`);
  copyFileSync(example('revision-at.sh'), join(repository, 'scripts', 'revision-at.sh'));
  write('alembic.ini', INI);
  write('migrations/env.py', ENV_PY);
  write('lockkeeper.yaml', "version: 1\ntargets: { shop: { database: { url: '${DATABASE_URL}' } } }\n");
  revision('0001', 'op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
});
afterEach(() => rmSync(home, { recursive: true }));

interface Step {
  name?: string;
  if?: string;
  run?: string;
  env?: Record<string, string>;
}

/** Runs the steps as GitHub does: what says so also after one has failed, and variables go on by a file. */
function runAction(base: string) {
  const { jobs } = yamlOf('github-action.yml') as { jobs: { check: { steps: Step[] } } };
  const [env, summary] = [join(home, 'env'), join(home, 'summary')];
  writeFileSync(env, '');
  let failed = false;
  const steps = new Map<string, ReturnType<typeof run>>();
  for (const { name = '', if: when, run: text, env: own = {} } of jobs.check.steps) {
    if (text === undefined || name === 'Install' || (failed && when !== '${{ !cancelled() }}')) continue;
    const known = Object.fromEntries(
      readFileSync(env, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => [line.split('=')[0]!, line.replace(/^.*?=/, '')]),
    );
    const filled = Object.entries(own).map(([key, value]) => {
      expect(value).toBe('${{ github.event.pull_request.base.sha }}');
      return [key, base];
    });
    const ran = run('sh', ['-e', '-c', text], {
      ...known,
      ...Object.fromEntries(filled),
      GITHUB_ENV: env,
      GITHUB_STEP_SUMMARY: summary,
    });
    steps.set(name, ran);
    failed ||= ran.code !== 0;
  }
  return { failed, steps, summary: () => readFileSync(summary, 'utf8') };
}

describe('the action of GitHub', () => {
  it('fails on a dangerous migration, at its line, and still tells all of it', () => {
    const base = git('rev-parse', 'HEAD');
    revision('0002', DANGEROUS, '0001');
    const { failed, steps, summary } = runAction(base);
    expect(failed).toBe(true);
    expect([...steps].map(([name, { code }]) => [name, code])).toEqual([
      ['Where the database stands', 0],
      ['Check', 1],
      ['Summary', 0],
      ['Code scanning', 0],
    ]);
    const line =
      readFileSync(join(repository, 'migrations/versions/0002.py'), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes(DANGEROUS)) + 1;
    expect(steps.get('Check')?.out).toContain(
      `::error file=migrations/versions/0002.py,line=${line},title=very-high%3A table-dropped::`,
    );
    expect(summary()).toMatch(
      /^<!-- lockkeeper check -->\n### Lockkeeper: very-high risk, `shop`: 1 revision\n/,
    );
    const { runs } = JSON.parse(readFileSync(join(repository, 'lockkeeper.sarif'), 'utf8')) as {
      runs: { results: { ruleId: string }[] }[];
    };
    expect(runs[0]?.results.map(({ ruleId }) => ruleId)).toContain('table-dropped');
  });

  it('passes a safe one, and judges only what main does not have', () => {
    revision('0002', DANGEROUS, '0001');
    git('add', '.');
    git('commit', '--quiet', '--message', 'was decided');
    const base = git('rev-parse', 'HEAD');
    revision('0003', 'op.create_table("gifts", sa.Column("id", sa.Integer, primary_key=True))', '0002');
    const { failed, steps, summary } = runAction(base);
    expect({ failed, out: steps.get('Check')?.out }).toEqual({
      failed: false,
      out: expect.stringMatching(/^1 of 1 statement analysed|^::notice/),
    });
    expect(summary()).toContain('### Lockkeeper: low risk, `shop`: 1 revision');
  });

  it('fails, and judges nothing as if the database were empty, where the commit is not there', () => {
    revision('0002', DANGEROUS, '0001');
    const { failed, steps } = runAction('0'.repeat(40));
    expect(failed).toBe(true);
    expect(steps.has('Check')).toBe(false);
    expect(steps.get('Summary')?.code).not.toBe(0);
  });
});

describe('the hooks of pre-commit', () => {
  interface Hook {
    id: string;
    entry: string;
    language: string;
    files?: string;
    types?: string[];
  }
  const { repos } = yamlOf('pre-commit-config.yaml') as { repos: { hooks: Hook[] }[] };
  const [revisions, sql] = repos[0]!.hooks as [Hook, Hook];
  const commit = () => {
    git('add', '.');
    return run('git', ['commit', '--quiet', '--message', 'next']);
  };

  it('are for the files that they are meant for, by the words of pre-commit', () => {
    expect([revisions.language, sql.language, sql.types]).toEqual(['system', 'system', ['sql']]);
    expect('migrations/versions/0002.py').toMatch(new RegExp(revisions.files ?? 'none'));
    expect('src/migrations.py').not.toMatch(new RegExp(revisions.files ?? ''));
  });

  it('refuse a commit with a dangerous migration and let a safe one pass', () => {
    executable(join(repository, '.git', 'hooks', 'pre-commit'), revisions.entry);
    revision('0002', DANGEROUS, '0001');
    const refused = commit();
    expect(refused.code).toBe(1);
    expect(refused.out + refused.err).toContain('[table-dropped]');
    expect(git('log', '--format=%s')).toBe('first');
    revision('0002', SAFE, '0001');
    expect(commit()).toMatchObject({ code: 0 });
    expect(git('log', '--format=%s')).toBe('next\nfirst');
  });

  it('refuse a commit with dangerous SQL', () => {
    executable(
      join(repository, '.git', 'hooks', 'pre-commit'),
      `${sql.entry} $(git diff --cached --name-only -- '*.sql')`,
    );
    write('a.sql', 'DROP TABLE orders;');
    expect(commit().code).toBe(1);
    write('a.sql', 'SELECT 1;');
    expect(commit().code).toBe(0);
  });
});
