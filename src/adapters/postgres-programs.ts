import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Account } from './run.js';

/**
 * The server's programs as a user can run them: those that lie in `pgBin`, or a copy of those of our Python
 * environment. They find each other and their libraries by relative paths, so that both folders are copied together.
 *
 * @param as - undefined: ourselves
 * @param elsewhere - a folder that this user can enter, asked for only where a copy is needed
 */
export async function runnablePrograms(
  pgBin: string,
  as: Account | undefined,
  elsewhere: () => Promise<string>,
): Promise<string> {
  if (!as || (await run(join(pgBin, 'postgres'), ['--version'], { as })).ok) return pgBin;
  const { stdout } = await run(join(pgBin, 'postgres'), ['--version']);
  const copy = join(await elsewhere(), `programs-${/[\d.]+/.exec(stdout)?.[0] ?? 'unknown'}`);
  if (!existsSync(copy)) {
    const packages = join(pgBin, '..', '..', '..');
    await rm(`${copy}.new`, { recursive: true, force: true });
    for (const folder of ['embedded_postgres/pginstall', 'embedded_postgres.libs'])
      if (existsSync(join(packages, folder)))
        await cp(join(packages, folder), join(`${copy}.new`, folder), {
          recursive: true,
          verbatimSymlinks: true,
        });
    await rename(`${copy}.new`, copy);
  }
  return join(copy, 'embedded_postgres', 'pginstall', 'bin');
}
