import type { PlanSummary } from '../domain/plan.js';
import { nothingToRollBack, rollbackWouldLose } from '../domain/problems/run.js';
import { planOf, type RunRecord } from '../domain/record.js';
import type { RunInput } from '../domain/steps.js';
import { whatWouldBeLost } from './downgrade.js';
import { runningRelease } from './fetch-release.js';
import type { Home } from './home.js';
import { whyNotBack } from './keepsakes.js';
import { readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { appliedOf } from './revisions.js';
import { revisionsOf, sameRevisions } from './standing.js';
import type { Work } from './work.js';

/**
 * Finds the deploy that brought the target to where it is, and what going back from it would lose.
 *
 * @returns its plan: a rollback goes from `to` back to `from`, and from `release` to `running`
 * @throws Problem `nothing-to-roll-back`, `rollback-would-lose`
 */
export async function checkRollback(home: Home, input: RunInput, work: Work): Promise<PlanSummary> {
  const target = home.target(input.target);
  const running = await runningRelease(target, input.runId, work);
  const records = await recordsOf(target.config.state, target.name);
  const deploys = records.filter((each) => each.kind === 'deploy' && each.outcome === 'done');
  const summary = deploys.map(planOf).find((plan) => isWhatRuns(plan, running));
  if (!summary) throw nothingToRollBack(target.name, whyNone(deploys, running));
  if (summary.running === null)
    throw nothingToRollBack(target.name, `which release ran before ${summary.release} is not known`);

  const plan = await readPlan(target.config.state, summary.planHash);
  const now = await revisionsOf(target, plan.versionTable, work.signal);
  const applied = appliedOf(plan, now.revisions);
  if (!applied.length && !sameRevisions(now.revisions, plan.from))
    throw nothingToRollBack(
      target.name,
      `the database is at ${now.revisions.join(', ')}: moved since that deploy`,
    );
  const back = plan.revisions.filter((each) => applied.includes(each.revision)).toReversed();
  const notBack = plan.risk === 'very-high' && back.length ? await whyNotBack(target, plan, input, work) : [];
  if (notBack.length)
    throw rollbackWouldLose(target.name, [
      'the deploy lost or transformed data, which a downgrade does not bring back; only a restore of its backup does',
      ...notBack,
    ]);
  const losses = await whatWouldBeLost(target, plan, back, work.signal);
  if (losses.length) throw rollbackWouldLose(target.name, losses);
  return summary;
}

const isWhatRuns = (plan: PlanSummary | undefined, running: string | null): boolean =>
  plan !== undefined && (running === null || plan.release === running) && plan.running !== plan.release;

const whyNone = (deploys: readonly RunRecord[], running: string | null): string =>
  deploys.length
    ? `none of the ${deploys.length} recorded deploys brought ${running ?? 'the running release'} here`
    : 'no deploy is in the records';
