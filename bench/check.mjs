/**
 * `lockkeeper check --sql` beside the native binary of squawk-cli, on 1,000 files that are generated here: whole processes,
 * parser and rules in a warm process, one file alone. Each round runs both, one after the other.
 *
 *   npm run bench:check
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../scripts/build.mjs';
import { corpus, writeCorpus } from './check-corpus.mjs';
import { median, two } from './numbers.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const SQUAWK = '2.66.0';
/** 26 MB that nobody needs who does not measure: kept outside of the project. */
const cache = join(homedir(), '.cache', 'lockkeeper', `squawk-${SQUAWK}`);
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const ONE_FILE_MS = 400;

const say = (text) => console.log(text);

function squawkBinary() {
  const path = join(
    cache,
    'node_modules',
    '@squawk-cli',
    `${process.platform}-${process.arch}`,
    'bin',
    'squawk',
  );
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  say(`fetching squawk-cli ${SQUAWK} into ${cache}`);
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefix',
    cache,
    `squawk-cli@${SQUAWK}`,
  ];
  const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0 || !existsSync(path)) throw new Error(`squawk-cli cannot be had: ${stderr}`);
  return path;
}

/** @returns wall time of a whole process, in milliseconds; it may end with 0 or 1 */
function timed(command, args) {
  const begun = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const ms = performance.now() - begun;
  if (status !== 0 && status !== 1) throw error ?? new Error(`${command} ended with ${status}`);
  return ms;
}

/** @returns the most memory that a process has had, in MiB: it asks itself as it ends */
function peakMib(args) {
  const report = join(tmpdir(), `lockkeeper-bench-rss-${process.pid}`);
  const ask = `process.on('exit',()=>require('fs').writeFileSync(${JSON.stringify(report)},String(process.resourceUsage().maxRSS)))`;
  writeFileSync(`${report}.cjs`, ask);
  timed(process.execPath, ['--require', `${report}.cjs`, ...args]);
  const kib = Number(readFileSync(report, 'utf8'));
  for (const file of [report, `${report}.cjs`]) rmSync(file);
  return Math.round(kib / 1024);
}

/** Parser and rules, nothing else, as a process that has done it before. @returns the medians of parser and rules */
async function warm(texts) {
  const { parse } = await import(join(dist, 'sql', 'parse.js'));
  const { check } = await import(join(dist, 'rules', 'check.js'));
  const { emptySchema } = await import(join(dist, 'schema', 'empty.js'));
  const rounds = [];
  let statements = 0;
  for (let i = 0; i < ROUNDS + 5; i += 1) {
    const begun = performance.now();
    const parsed = [];
    for (const text of texts) parsed.push(await parse(text));
    const read = performance.now();
    statements = 0;
    for (const each of parsed) {
      const { coverage } = check(each, { file: 'x.sql', linesOfFile: true }, emptySchema());
      statements += coverage.total;
    }
    if (i >= 5) rounds.push([read - begun, performance.now() - read]);
  }
  return { parser: median(rounds.map(([ms]) => ms)), rules: median(rounds.map(([, ms]) => ms)), statements };
}

await build();
const squawk = squawkBinary();
const folder = join(tmpdir(), `lockkeeper-bench-check-${process.pid}`);
try {
  const files = await writeCorpus(folder);
  const cli = join(dist, 'cli.js');
  const ours = [cli, 'check', '--sql', folder, '--format', 'json'];
  const [whole, native, one] = [[], [], []];
  for (let i = 0; i < ROUNDS; i += 1) {
    native.push(timed(squawk, ['--reporter', 'json', ...files]));
    whole.push(timed(process.execPath, ours));
    one.push(timed(process.execPath, [cli, 'check', '--sql', files[0]]));
  }
  const { parser, rules, statements } = await warm([...corpus().values()]);
  const ms = (value) => `${value.toFixed(0)} ms`;
  say(`${files.length} files, ${statements} statements, medians of ${ROUNDS} rounds`);
  say(`squawk ${SQUAWK}, native, whole process       ${ms(median(native))}`);
  say(`lockkeeper check --sql, whole process      ${ms(median(whole))}   peak ${peakMib(ours)} MiB`);
  say(`parser and rules, warm, in one process     ${ms(parser + rules)}   (${ms(parser)} and ${ms(rules)})`);
  say(`lockkeeper check --sql, one file           ${ms(median(one))}`);
  const ratio = (a, b) => two(a / b);
  const ratios = {
    wholeToSquawk: ratio(median(whole), median(native)),
    warmToSquawk: ratio(parser + rules, median(native)),
    oneFileTo400Ms: ratio(median(one), ONE_FILE_MS),
  };
  console.log(JSON.stringify({ ratios, goal: { wholeToSquawk: 3, warmToSquawk: 1, oneFileTo400Ms: 1 } }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
