import { appendFile, chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DYING_PYTHON,
  HOLDING_ENV_PY,
  killSettings,
  plain,
  REVISION,
  slowDump,
  whenLoaded,
  type Failing,
  type Instant,
} from './kills-project.js';
import type { Project } from './project.js';
import { projectPython } from './servers.js';

export interface KillFiles {
  hold: Instant | undefined;
  fails: Failing | undefined;
  dieOn: string | undefined;
  /** Where pg_dump finds PostgreSQL. */
  dumpPort: number;
  healthPort: number;
  /** Over those that every scene has. */
  settings: Record<string, unknown>;
}

/** Writes into a project all that lets its run be held, and die. */
export async function writeKillFiles(project: Project, files: KillFiles): Promise<void> {
  const { hold, fails, dieOn, dumpPort, healthPort, settings } = files;
  const { pgBin } = project.servers.tools;
  const tools = project.path('tools');
  await mkdir(tools);
  await writeFile(join(tools, 'pg_dump'), slowDump(pgBin, dumpPort, hold));
  await chmod(join(tools, 'pg_dump'), 0o755);
  for (const name of ['pg_restore', 'pg_dumpall', 'psql'])
    await symlink(join(pgBin, name), join(tools, name));
  const revision = project.path('releases', 'r2', 'migrations', 'versions', `${REVISION.id}.py`);
  await appendFile(revision, whenLoaded);
  for (const release of await readdir(project.path('releases'))) {
    const env = project.path('releases', release, 'migrations', 'env.py');
    await writeFile(env, HOLDING_ENV_PY + (await readFile(env, 'utf8')));
  }
  await writeFile(project.path('python.py'), DYING_PYTHON);
  if (dieOn) await writeFile(project.path('die-on'), dieOn);
  if (hold) await writeFile(project.path(`hold-${plain(hold)}`), '');
  const python = dieOn ? [projectPython, project.path('python.py')] : projectPython;
  const healthUrl = `http://127.0.0.1:${healthPort}/`;
  await project.configure({ ...killSettings({ fails, python, pgBin: tools, healthUrl }), ...settings });
}
