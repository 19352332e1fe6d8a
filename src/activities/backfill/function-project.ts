import type { AlembicProject } from '../../adapters/alembic/project.js';
import { connectionOf } from '../../adapters/postgres/connection.js';
import { withoutPassword } from '../../domain/without-password.js';
import { runningImage } from '../compose/container.js';
import { runningRelease } from '../fetch-release.js';
import type { Target } from '../home.js';
import type { Work } from '../work.js';

/**
 * The project whose function gives the values: of the release that runs, whose code writes such values already. Its Python
 * asks no database, and gets no password of it.
 */
export async function functionProject(target: Target, runId: string, work: Work): Promise<AlembicProject> {
  const needsName =
    target.settings.alembic.project.includes('{release}') || target.settings.alembic.container;
  const release = (needsName ? await runningRelease(target, runId, work) : null) ?? 'current';
  const project = target.projectOffline(release);
  const login = connectionOf(target.url());
  const cleaned = (name: string, value: string) => withoutPassword(name, value, login);
  const { container } = project;
  if (container) {
    const image = await runningImage(target, work.signal);
    return {
      ...project,
      environment: changed(project.environment, cleaned),
      container: container.with({ cleaned, ...(image ? { image } : {}) }),
    };
  }
  const all = { ...definedIn(process.env), ...project.environment };
  // What is not named is inherited: only what is otherwise.
  return { ...project, environment: { ...project.environment, ...differences(all, cleaned) } };
}

const definedIn = (all: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value ?? '']));

type Cleaned = (name: string, value: string) => string;

const changed = (all: Readonly<Record<string, string>>, cleaned: Cleaned): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name, cleaned(name, value)]));

const differences = (all: Readonly<Record<string, string>>, cleaned: Cleaned): Record<string, string> =>
  Object.fromEntries(Object.entries(changed(all, cleaned)).filter(([name, value]) => value !== all[name]));
