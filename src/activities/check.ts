import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AlembicProject } from '../adapters/alembic/project.js';
import { copyAtomically } from '../adapters/disk.js';
import { recalled } from '../adapters/recalled.js';
import { closesSite, type Plan, type PlanSummary } from '../domain/plan.js';
import { mustBeClosed, requesterNeeded } from '../domain/problems/people.js';
import type { Noted, Release, RunInput } from '../domain/steps.js';
import type { PlanFacts } from '../plan/facts.js';
import { summarise } from '../plan/summary.js';
import { factsOf } from './facts.js';
import type { Home, Target } from './home.js';
import { keepPlan } from './plans.js';
import { windowNote } from './plan-age.js';
import type { Work } from './work.js';

export interface CheckInput extends RunInput {
  release: Release;
  /** The migration is not to run. */
  skip: boolean;
  /** Who asked for the run, as far as they said. */
  requestedBy?: string | undefined;
}

/** Makes the plan of a release, keeps it by its hash, and answers with what is small enough to travel. */
export async function check(home: Home, input: CheckInput, work: Work): Promise<PlanSummary & Noted> {
  const target = home.target(input.target);
  const madeAt = new Date().toISOString();
  const plan = { ...summarise(await planFor(target, input.release, work)), madeAt };
  return {
    ...plan,
    note: `${noteOf(plan, input.skip)}${input.skip ? '' : assertCanRun(target, plan, input)}`,
  };
}

/**
 * Tells now, and not after people have approved it, why a plan could not run.
 *
 * @returns when it may begin, in words to put behind others
 * @throws Problem `must-be-closed`, `requester-needed`, `no-window`, `window-too-late`
 */
function assertCanRun(target: Target, plan: PlanSummary, { requestedBy }: CheckInput): string {
  if (!plan.revisions) return '';
  if (closesSite(plan.procedure) && !target.settings.closure) throw mustBeClosed(plan);
  const { approvals, requesterMayApprove } = plan.gate;
  if (approvals > 0 && !requesterMayApprove && !requestedBy?.trim()) throw requesterNeeded(plan);
  return windowNote(target, plan.risk, plan);
}

/** Skipping is a person's choice, and they are told what the release may miss. */
function noteOf({ revisions, risk, from, to }: PlanSummary, skip: boolean): string {
  if (revisions === 0) return 'nothing pending';
  const pending = `${revisions} pending, ${risk} risk`;
  const at = from.join(', ') || 'base';
  return skip
    ? `${pending}; SKIPPED: the database stays at ${at}, the release knows ${to.join(', ')}`
    : pending;
}

/**
 * What would run if the release were deployed now. Changes nothing but the state folder.
 *
 * @throws Problem when the database or Alembic cannot be asked, or will not be able to migrate
 */
export async function planFor(
  target: Target,
  release: Pick<Release, 'name' | 'running'>,
  work: Work,
): Promise<Plan> {
  const project = target.project(release.name);
  const plan = await judged(target, await factsOf(target, release, work));
  await keepPlan(target.config.state, plan);
  await keepRevisionFiles(target.config.state, project, plan);
  return plan;
}

/** A plan follows from its facts alone, but for what a user's own rules do, which nobody can know. */
async function judged({ config }: Target, facts: PlanFacts): Promise<Plan> {
  const make = async () => (await import('../plan/build.js')).buildPlan(facts);
  return facts.policy?.own.length ? make() : recalled(join(config.state, 'judged'), facts, make);
}

/** Every revision file that may be applied is kept by its hash: a rollback needs it after the release is gone. */
async function keepRevisionFiles(state: string, project: AlembicProject, plan: Plan): Promise<void> {
  const folder = join(state, 'revisions');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { file, sha256 } of plan.revisions) {
    const kept = join(folder, `${sha256}.py`);
    if (!existsSync(kept)) await copyAtomically(join(project.cwd, file), kept);
  }
}
