import { problemOf } from './failure.js';
import type { AlembicProject } from './project.js';
import { talk } from './talk.js';

/** One revision to be written. */
export interface NewRevision {
  /** null: as Alembic makes them. */
  id: string | null;
  message: string;
  upgrades: string;
  downgrades: string;
  /** Must stand in the file. */
  annotation: string;
}

/**
 * Writes revision files on top of the head by the project's own template, file names and hooks: all of them or none.
 *
 * @returns their paths, relative to the project
 * @throws Problem `template-unfit`, `alembic-moved-on`, and others of domain/problems/alembic
 */
export async function writeRevisions(
  project: AlembicProject,
  head: string | null,
  revisions: readonly NewRevision[],
  signal?: AbortSignal,
): Promise<string[]> {
  const said = await talk(project, 'write', { head, revisions }, { signal });
  if (said.event === 'failed') throw problemOf(said);
  if (said.event !== 'written') throw new Error(`the bridge answered ${said.event} to write`);
  return said.files;
}
