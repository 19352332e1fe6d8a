import type { AlembicProject } from '../adapters/alembic/project.js';
import type { Plan } from '../domain/plan.js';
import type { Target } from './home.js';

/** The Alembic project of a plan's release; where it is in an image, in the very one that the plan names by its id. */
export function projectOf(
  target: Target,
  { release, images }: Pick<Plan, 'release' | 'images'>,
): AlembicProject {
  const project = target.project(release);
  const [image] = images ?? [];
  if (!project.container || !image) return project;
  return { ...project, container: project.container.with({ image: image.id }) };
}
