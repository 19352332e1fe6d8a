import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './case.js';

const VERSION = '2.66.0';
/** Rules about style, or about what the runner sets: whoever wants verdicts switches them off. */
const style =
  /^(prefer-|require-(lock|statement)-timeout|require-enum-value-ordering|ban-char-field|identifier-too-long)/;

export interface Squawked {
  /** Rules that fired, with the default settings. */
  all: readonly string[];
  /** Without rules of style. */
  hazards: readonly string[];
}

/** What runs outside of a transaction, or has one of its own. All else is told to be in one, so that new tables are known. */
const alone = /\b(CONCURRENTLY|VACUUM|BEGIN|START TRANSACTION)\b/i;

/** Runs squawk's native binary over all cases, a file each. @returns what it said, in the order of the cases */
export function squawk(cases: readonly Case[]): Squawked[] {
  const binary = installed();
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-verdicts-'));
  try {
    const found = new Map<string, string[]>();
    for (const [options, files] of filesByOptions(cases, folder))
      for (const { file, rule_name: rule } of run(binary, options.split(' '), files))
        found.set(file, [...(found.get(file) ?? []), rule]);
    return cases.map((_, index) => {
      const all = [...new Set(found.get(fileOf(folder, index)) ?? [])];
      return { all, hazards: all.filter((rule) => !style.test(rule)) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fileOf = (folder: string, index: number): string => join(folder, `${index}.sql`);

function filesByOptions(cases: readonly Case[], folder: string): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const [index, { sql, postgres = 16 }] of cases.entries()) {
    const file = fileOf(folder, index);
    writeFileSync(file, `${sql};\n`);
    const options = `--pg-version ${postgres}.0${alone.test(sql) ? '' : ' --assume-in-transaction'}`;
    files.set(options, [...(files.get(options) ?? []), file]);
  }
  return files;
}

function run(binary: string, options: readonly string[], files: readonly string[]) {
  const args = ['--reporter', 'json', ...options, ...files];
  const { stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8', timeout: 60_000 });
  if (!stdout.trim()) throw new Error(`squawk said nothing: ${stderr}`);
  return JSON.parse(stdout) as { file: string; rule_name: string }[];
}

/** Outside of the repository: no dependency of the project. */
function installed(): string {
  const folder = join(homedir(), '.cache', 'lockkeeper', `squawk-${VERSION}`);
  const platform = `${process.platform}-${process.arch}`;
  const binary = join(folder, 'node_modules', '@squawk-cli', platform, 'bin', 'squawk');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', folder];
  execFileSync('npm', [...args, `squawk-cli@${VERSION}`], { stdio: 'inherit', timeout: 120_000 });
  return binary;
}
