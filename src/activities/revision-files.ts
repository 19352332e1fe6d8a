import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { KeptFile } from '../adapters/alembic/migrate.js';
import type { AlembicProject } from '../adapters/alembic/project.js';
import { imageNamed } from '../adapters/compose/images.js';
import type { Plan, PlannedRevision } from '../domain/plan.js';
import { movesOf } from '../domain/rollback.js';
import type { StepInput } from '../domain/steps.js';
import { placeOf } from './compose/target.js';
import type { Target } from './home.js';
import { plansOf, readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { sameRevisions } from './standing.js';

/** Where the revisions of a plan are run from. */
export interface RevisionFiles {
  project: AlembicProject;
  /** Of those whose files are not there any more, as they were when they were applied. */
  kept: readonly KeptFile[];
}

/**
 * The project whose revision files take a plan back: that of the newest release, which knows the revisions of those
 * before it. Where its folder or its image is gone, the next older one, as far back as deploys are recorded. What git or a
 * prune took out of it, and what it does not know yet, comes from the state folder.
 */
export async function revisionFiles(
  target: Target,
  plan: Plan,
  { filesOf = plan.planHash }: Pick<StepInput, 'filesOf'>,
): Promise<RevisionFiles> {
  const { state } = target.config;
  const newest = filesOf === plan.planHash ? plan : await readPlan(state, filesOf);
  const places = [...projectsOf(target, newest), ...projectsOf(target, plan)];
  const known = await firstThere(target, places);
  if (known) return { project: known, kept: await keptFiles(state, known, plan.revisions) };
  // A release of long ago has nothing of the deploys in between: their files are wanted, too.
  const older = beneath(plan, await plansOf(state, movesOf(await recordsOf(state, target.name))));
  const there = await firstThere(
    target,
    older.flatMap((each) => projectsOf(target, each)),
  );
  // Where none is there, the first says so itself.
  const project = there ?? places[0]!.project;
  const revisions = [plan, ...older].flatMap((each) => each.revisions);
  return { project, kept: await keptFiles(state, project, revisions) };
}

/** The deploys that had brought the database to where a plan found it, the newest first. */
function beneath(plan: Plan, plans: readonly Plan[]): Plan[] {
  const found: Plan[] = [];
  let { from } = plan;
  for (const each of plans) {
    if (each.planHash === plan.planHash || !sameRevisions(each.to, from)) continue;
    found.push(each);
    ({ from } = each);
  }
  return found;
}

/** A project, and the image that it is in. */
interface Place {
  project: AlembicProject;
  image?: string | undefined;
}

/** Of a plan's release, and of the one that ran before it. */
function projectsOf(target: Target, { release, running, images }: Plan): Place[] {
  const [image] = images ?? [];
  const places = [
    { name: release, id: image?.id },
    { name: running, id: image?.running ?? undefined },
  ];
  return places.flatMap(({ name, id }) => {
    if (name === null) return [];
    const project = target.project(name);
    const { container } = project;
    return [
      container && id
        ? { project: { ...project, container: container.with({ image: id }) }, image: id }
        : { project },
    ];
  });
}

async function firstThere(target: Target, places: readonly Place[]): Promise<AlembicProject | null> {
  for (const { project, image } of places) {
    const { container, cwd, config } = project;
    const there = container
      ? image === undefined || (await imageNamed(placeOf(target), image)) !== null
      : existsSync(resolve(cwd, config));
    if (there) return project;
  }
  return null;
}

async function keptFiles(
  state: string,
  { container, cwd }: AlembicProject,
  revisions: readonly PlannedRevision[],
): Promise<KeptFile[]> {
  // What is in an image cannot be seen from here: the bridge takes those that it lacks.
  const wanted = revisions.filter(({ file }) => container || !existsSync(join(cwd, file)));
  const found = wanted.map(async ({ revision, file, sha256 }) => {
    const text = await readFile(join(state, 'revisions', `${sha256}.py`), 'utf8').catch(() => null);
    return text === null ? [] : [{ revision, file, text }];
  });
  return (await Promise.all(found)).flat();
}
