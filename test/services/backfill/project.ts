import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlembicProject } from '../../../src/adapters/alembic/project.js';
import { projectPython, testVenv } from '../../support/servers.js';
import { root } from '../../support/test-stack.js';

export const projectIn = (cwd: string): AlembicProject => ({
  ...{ python: [projectPython], cwd, config: 'alembic.ini', environment: {} },
});

/** An Alembic project without a revision, with the functions of fills.py. */
export async function functions(): Promise<AlembicProject & { remove: () => Promise<void> }> {
  await testVenv();
  const cwd = await mkdtemp(join(tmpdir(), 'lockkeeper-fills-'));
  await mkdir(join(cwd, 'migrations', 'versions'), { recursive: true });
  await writeFile(
    join(cwd, 'alembic.ini'),
    '[alembic]\nscript_location = migrations\nprepend_sys_path = .\n',
  );
  await copyFile(join(root, 'test/services/backfill/fills.py'), join(cwd, 'fills.py'));
  await writeFile(join(cwd, 'broken.py'), 'import not_there\n');
  return {
    ...projectIn(cwd),
    remove: () => rm(cwd, { recursive: true, force: true }),
  };
}
