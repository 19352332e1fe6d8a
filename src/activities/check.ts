import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AlembicProject } from '../adapters/alembic/project.js';
import { copyAtomically, writeAtomically } from '../adapters/disk.js';
import { readFiles } from '../adapters/alembic/files.js';
import { recalled } from '../adapters/recalled.js';
import { closesSite, type Plan, type PlanSummary } from '../domain/plan.js';
import { phaseIn } from '../domain/phased.js';
import { mustBeClosed, requesterNeeded } from '../domain/problems/people.js';
import type { Noted, Release, RunInput } from '../domain/steps.js';
import type { PlanFacts } from '../plan/facts.js';
import { summarise } from '../plan/summary.js';
import { driftNote } from './drift.js';
import { factsOf, type PlanScope } from './facts.js';
import { illNote } from './health.js';
import type { Home, Target } from './home.js';
import { proofsOf, type ChangeProof } from './old-code/now.js';
import { keepPlan } from './plans.js';
import { projectOf } from './project-of.js';
import { sameRevisions } from './standing.js';
import { windowNote } from './plan-age.js';
import type { Work } from './work.js';

export interface CheckInput extends RunInput {
  release: Release;
  /** The migration is not to run. */
  skip: boolean;
  /** `expand of orders-remark`: only what this phase of a change needs. */
  upTo?: string | undefined;
  /** Who asked for the run, as far as they said. */
  requestedBy?: string | undefined;
}

/** Makes the plan of a release, keeps it by its hash, and answers with what is small enough to travel. */
export async function check(home: Home, input: CheckInput, work: Work): Promise<PlanSummary & Noted> {
  const target = home.target(input.target);
  const madeAt = new Date().toISOString();
  const upTo = input.upTo === undefined ? undefined : phaseIn(`phase ${input.upTo}`);
  const whole = await planFor(target, input.release, work, { mayBeAhead: input.skip, upTo });
  const plan = { ...summarise(whole), madeAt };
  const drift = await driftNote(target.config.state, whole);
  const ill = await illNote(target, input.release.running, work.signal);
  const oldCode = input.skip ? '' : oldCodeNote(await proofsOf(target, whole, work));
  return {
    ...plan,
    note: `${noteOf(plan, input.skip)}${drift}${ill}${oldCode}${input.skip ? '' : assertCanRun(target, plan, input)}`,
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

/** Whether the end of a change over several releases comes too early, in words to put behind others. */
const oldCodeNote = (proofs: readonly ChangeProof[]): string =>
  proofs
    .map(({ change, holds, evidence }) => {
      const [first] = evidence.filter((each) => !each.holds);
      if (holds) return `; contract of ${change}: no old code was found`;
      return `; CONTRACT OF ${change}, AND OLD CODE MAY BE LEFT: ${first?.says ?? 'nobody can tell'} (lockkeeper phases proof)`;
    })
    .join('');

/** Skipping is a person's choice, and they are told what the release may miss. */
function noteOf({ revisions, risk, from, to, heldBack }: PlanSummary, skip: boolean): string {
  const at = from.join(', ') || 'base';
  const held = heldBack ? `; held back for their phases: ${heldBack.join(', ')}` : '';
  if (revisions === 0)
    return sameRevisions(from, to)
      ? `nothing pending${held}`
      : `THE DATABASE IS AHEAD: at ${at}; the release knows ${to.join(', ')}, and must work with that`;
  const pending = `${revisions} pending, ${risk} risk${held}`;
  return skip
    ? `${pending}; SKIPPED: the database stays at ${at}, the release knows ${to.join(', ')}`
    : pending;
}

/**
 * What would run if the release were deployed now. Changes nothing but the state folder.
 *
 * @param scope - `mayBeAhead` also when the image of before was put back by hand
 * @throws Problem when the database or Alembic cannot be asked, or will not be able to migrate
 */
export async function planFor(
  target: Target,
  release: Pick<Release, 'name' | 'running'>,
  work: Work,
  scope: PlanScope = {},
): Promise<Plan> {
  const plan = await judged(target, await factsOf(target, release, work, scope));
  const project = projectOf(target, plan);
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
  const keptAs = (sha256: string) => join(folder, `${sha256}.py`);
  const left = plan.revisions.filter(({ sha256 }) => !existsSync(keptAs(sha256)));
  if (project.container) return left.length ? keepFromContainer(project, left, keptAs) : undefined;
  for (const { file, sha256 } of left) await copyAtomically(join(project.cwd, file), keptAs(sha256));
}

/** Those of an image, which may be gone when they are needed. */
async function keepFromContainer(
  project: AlembicProject,
  revisions: Plan['revisions'],
  keptAs: (sha256: string) => string,
): Promise<void> {
  const read = await readFiles(
    project,
    revisions.map(({ file }) => file),
  );
  for (const { file, sha256 } of revisions) {
    const bytes = read.get(file);
    const is = createHash('sha256')
      .update(bytes ?? '')
      .digest('hex');
    if (is === sha256) await writeAtomically(keptAs(sha256), bytes!.toString());
  }
}
