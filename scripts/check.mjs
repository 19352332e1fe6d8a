/** node scripts/check.mjs: types, lint, format, and whether the generated pages are those of the code. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);

const checks = [
  // The older `typescript` is there for its API alone, and calls its compiler tsc as well.
  {
    name: 'types',
    file: join(root, 'node_modules', 'typescript-7', 'bin', 'tsc'),
    args: ['-p', 'tsconfig.check.json'],
    cure: '',
  },
  { name: 'lint', file: bin('oxlint'), args: [], cure: '' },
  { name: 'format', file: bin('prettier'), args: ['--check', '.'], cure: 'npx prettier --write .' },
  {
    name: 'generated pages',
    file: process.execPath,
    args: ['scripts/run-ts.mjs', 'scripts/docs.ts', '--check'],
    cure: 'npm run docs',
    needs: 'scripts/docs.ts',
  },
];

/** Two at a time: the machine has two cores, and types and lint take longest. @returns names of those that failed */
export async function check() {
  const waiting = checks.filter(({ needs }) => !needs || existsSync(join(root, needs)));
  const failed = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      if (!(await passes(next))) failed.push(next.name);
  };
  await Promise.all([worker(), worker()]);
  return failed;
}

async function passes({ name, file, args, cure }) {
  const began = performance.now();
  const { code, output } = await run(file, args);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${code !== 0 && cure ? `: ${cure}` : ''}`,
  );
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

const run = (file, args) =>
  new Promise((resolve) => {
    const tool = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = [];
    tool.stdout.on('data', (data) => printed.push(data));
    tool.stderr.on('data', (data) => printed.push(data));
    tool.once('error', (error) => resolve({ code: 1, output: error.message }));
    tool.once('close', (code) => resolve({ code, output: Buffer.concat(printed).toString() }));
  });

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = (await check()).length > 0 ? 1 : 0;
