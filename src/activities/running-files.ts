import { mentionsIn } from '../adapters/mentions.js';
import { selfMigrating } from '../adapters/self-migrating.js';
import type { Mentions } from '../domain/phase.js';
import type { PendingRevision } from '../plan/facts.js';
import type { Target } from './home.js';

/**
 * What the files of the running release say of what the revisions take away from it. They are at hand where each
 * release has a folder of its own; else the folder holds the next release already.
 *
 * @returns null where they are not at hand, or nothing is taken away
 */
export async function mentionsOf(
  target: Target,
  running: string | null,
  release: string,
  pending: readonly PendingRevision[],
): Promise<Mentions | null> {
  const ofEach = target.settings.alembic.project.includes('{release}');
  if (running === null || (running !== release && !ofEach)) return null;
  const { contractStepsOf } = await import('../plan/phase.js');
  const steps = await contractStepsOf(pending);
  if (target.project(running).container) return null;
  return steps.length > 0 ? mentionsIn(target.project(running).cwd, steps) : null;
}

/** Where the release's own start commands migrate: in its folder, and in that of lockkeeper.yaml. */
export async function migratesItself(target: Target, release: string): Promise<string[]> {
  const folders = new Set([target.projectOffline(release).cwd, target.config.folder]);
  return (await Promise.all([...folders].map(selfMigrating))).flat();
}
