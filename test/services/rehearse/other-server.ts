import { stringify } from 'yaml';
import { writeFile } from 'node:fs/promises';
import { backUp } from '../../../src/activities/back-up.js';
import { planFor } from '../../../src/activities/check.js';
import { homeAt } from '../../../src/activities/home.js';
import { Project, type ProjectOptions, runProgram } from '../../support/project.js';
import { projectPython } from '../../support/servers.js';
import { work } from '../restore/support.js';

/** The same as `prepare`, with the database on another server. @param bin - its programs */
export async function prepareAt(url: string, bin: string, options: ProjectOptions = {}) {
  const project = await Project.make(options);
  const alembic = {
    python: projectPython,
    project: 'releases/{release}',
    environment: { DATABASE_URL: 'file:url' },
  };
  await writeFile(project.path('url'), url);
  const target = { database: { url: 'file:url' }, alembic, backup: { tools: bin } };
  const settings = { version: 1, taskQueue: project.target, targets: { [project.target]: target } };
  await writeFile(project.path('lockkeeper.yaml'), stringify(settings));
  const first = await runProgram(projectPython, ['-m', 'alembic', 'upgrade', 'head'], {
    cwd: project.path('releases', 'r1'),
    env: { DATABASE_URL: url },
    ms: 60_000,
  });
  if (first.code !== 0) throw new Error(first.err);
  const home = homeAt(project.path('lockkeeper.yaml'));
  const plan = await planFor(home.target(), { name: 'r2', running: 'r1' }, work());
  const ids = { target: project.target, runId: `run-${project.target.slice(-8)}`, planHash: plan.planHash };
  const { note: _, ...backup } = await backUp(home, ids, work());
  return { project, home, plan, input: { ...ids, backup }, close: () => project.close() };
}
