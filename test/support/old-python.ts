import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../src/adapters/lock.js';
import { run } from '../../src/adapters/run.js';
import { projectPython } from './servers.js';
import { root } from './test-stack.js';

/** The oldest versions that are supported, with the drivers of their time that have wheels. SQLAlchemy 1.4 has no dialect for psycopg 3. */
const OLDEST = [
  ...['alembic==1.8.0', 'SQLAlchemy==1.4.36', 'psycopg2-binary>=2.9.9'],
  ...['asyncpg==0.27.0; python_version < "3.12"', 'asyncpg>=0.29; python_version >= "3.12"'],
  ...['greenlet==2.0.2; python_version < "3.12"', 'greenlet>=3; python_version >= "3.12"'],
];

const DONE = 'lockkeeper-oldest.txt';

/** A Python with Alembic 1.8 and SQLAlchemy 1.4, made once for this checkout by pip. */
export async function oldestPython(): Promise<string> {
  const folder = join(root, '.lockkeeper', 'oldest');
  const made = join(folder, 'bin', 'python');
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(join(folder, DONE))) return;
    for (const [file, args] of [
      [projectPython, ['-m', 'venv', '--clear', folder]],
      [made, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...OLDEST]],
      [made, ['-c', `open(${JSON.stringify(join(folder, DONE))}, "w").close()`]],
    ] as const) {
      const ran = await run(file, args, {});
      if (!ran.ok) throw new Error(`${file} ${args.join(' ')}: ${ran.lastWords}`);
    }
  });
  return made;
}
