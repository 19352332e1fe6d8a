import { closesSite, type Plan, type PlanSummary } from '../domain/plan.js';
import { mustBeClosed, requesterNeeded } from '../domain/problems/people.js';
import {
  nothingToRollBack,
  oldReleaseBreaks,
  releaseNeedsSchema,
  rollbackWouldLose,
} from '../domain/problems/rollback.js';
import type { RunRecord } from '../domain/record.js';
import { hasMigrated, movesOf, stayingUnder, wayBack, type Move, type Only } from '../domain/rollback.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { count } from '../domain/units.js';
import { rollbackPlan, runsOnBefore, whyNotAlone } from '../plan/rollback-plan.js';
import { summarise } from '../plan/summary.js';
import { closedWhileBack } from './closed-while-back.js';
import { assertImagesBack } from './compose/images-back.js';
import { whatWouldBeLost } from './downgrade.js';
import { runningRelease } from './fetch-release.js';
import type { Home, Target } from './home.js';
import { whyNotBack } from './keepsakes.js';
import { keepsakesDue } from './keepsakes-due.js';
import { keepPlan, readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { appliedOf } from './revisions.js';
import { revisionsOf, sameRevisions } from './standing.js';
import type { Work } from './work.js';

export interface CheckRollbackInput extends RunInput {
  /** A release that ran before; default: the one before the last deploy. */
  to?: string | undefined;
  only?: Only | undefined;
  /** Hashes of plans: no other deploy may be taken back. */
  over?: readonly string[] | undefined;
  /** Who asked for the run, as far as they said. */
  requestedBy?: string | undefined;
}

/** What is there, and how it came to that. */
interface Found {
  target: Target;
  input: CheckRollbackInput;
  running: string | null;
  now: readonly string[];
  /** Of the target, newest first. */
  records: readonly RunRecord[];
  /** Of all recorded deploys, and those that are taken back; the newest first. */
  all: readonly Move[];
  moves: readonly [Move, ...Move[]];
  /** Their plans, the newest first. */
  deploys: readonly [Plan, ...Plan[]];
  /** Those of them that have migrated. */
  migrated: readonly Plan[];
  /** What an earlier rollback has left to be put back, in words: then that is all that is done. */
  due?: readonly string[];
}

/**
 * Finds the deploys that brought the target to where it is, and what going back over them would lose.
 *
 * @returns the plan: a rollback goes from `to` back to `from`, and from `release` to `running`
 * @throws Problem `nothing-to-roll-back`, `rollback-would-lose`, `old-release-breaks`, `release-needs-schema`,
 *   `must-be-closed`, `requester-needed`, `image-gone`
 */
export async function checkRollback(
  home: Home,
  input: CheckRollbackInput,
  work: Work,
): Promise<PlanSummary & Noted> {
  const target = home.target(input.target);
  const found = await lookBack(target, input, work);
  const { only } = input;
  if (only === 'schema' && !found.due) assertSchemaAlone(found);
  else if (!found.due) await assertImagesBack(target, found, work);
  if (only === 'app') await assertAlone(found);
  const taken = only === 'app' ? [] : takenOf(found);
  await refuseLosses(found, taken, work);
  const plan = rollbackPlan({ ...found, taken, only, approval: target.settings.approval });
  await keepPlan(target.config.state, plan);
  const summary = { ...summarise(plan), madeAt: new Date().toISOString() };
  assertCanRun(target, summary, input);
  const closed = closesSite(plan.procedure)
    ? closedWhileBack(found.moves, found.records)
    : 'the site stays open';
  const rollback = [...summary.rollback, closed];
  return {
    ...summary,
    rollback,
    note: `${plan.risk} risk, back over ${count(found.moves.length, 'deploy')}`,
  };
}

async function lookBack(target: Target, input: CheckRollbackInput, work: Work): Promise<Found> {
  const { state } = target.config;
  const running = await runningRelease(target, input.runId, work);
  const records = await recordsOf(state, target.name);
  const all = movesOf(records);
  const due =
    input.to === undefined && input.only !== 'app' ? await keepsakesDue(target, records, work) : null;
  if (due) {
    const { move, plan, now, lines } = due;
    const way = { moves: [move], deploys: [plan], migrated: [plan] } as const;
    return { target, input, running, now, records, all, ...way, due: lines };
  }
  const last = all[0] && (await readPlan(state, all[0].plan.planHash));
  const now = last ? (await revisionsOf(target, last.versionTable, work.signal)).revisions : [];
  const way = wayBack(all, { running, now, to: input.to, only: input.only });
  if ('why' in way) throw nothingToRollBack(target.name, way.why);
  const { moves } = way;
  assertNoOthers(target, input, moves);
  const read = await Promise.all(
    moves.map(async (move) => ({ move, plan: await readPlan(state, move.plan.planHash) })),
  );
  const [newest, ...older] = read.map(({ plan }) => plan);
  const migrated = read.filter(({ move }) => hasMigrated(move)).map(({ plan }) => plan);
  return { target, input, running, now, records, all, moves, deploys: [newest!, ...older], migrated };
}

/** Whoever takes back a part of a change must not take back what others have deployed since. */
function assertNoOthers({ name }: Target, { over }: CheckRollbackInput, moves: readonly Move[]): void {
  const others = over ? moves.filter(({ plan }) => !over.includes(plan.planHash)) : [];
  if (!others.length) return;
  const names = [...new Set(others.map(({ plan }) => plan.release))].join(', ');
  throw nothingToRollBack(name, `it would take back what was deployed since, too: ${names}`, [
    `take that back first, if it may go: lockkeeper rollback ${name}`,
    'or leave both as they are',
  ]);
}

/** Those of which something is in the database: an earlier rollback may have come half way. */
function takenOf({ target, now, migrated }: Found): Plan[] {
  const [newest] = migrated;
  if (!newest) return [];
  const at = migrated.findIndex((plan) => appliedOf(plan, now).length > 0 || sameRevisions(now, plan.from));
  if (at < 0)
    throw nothingToRollBack(target.name, `the database is at ${now.join(', ')}: moved since that deploy`, [
      `lockkeeper rollback ${target.name} --schema-only, where another deploy has brought it there`,
    ]);
  const first = migrated[at]!;
  // One that was cut off after its downgrade has keepsakes to put back still.
  return migrated.slice(appliedOf(first, now).length > 0 || first.keepsakes ? at : at + 1);
}

async function assertAlone({ target, all, moves, now, deploys }: Found): Promise<void> {
  const before = deploys.at(-1)!.running;
  const under = stayingUnder(all, moves, now);
  const plans = (under ?? []).map(({ plan }) => readPlan(target.config.state, plan.planHash));
  const breaks = under
    ? whyNotAlone(await Promise.all(plans), before)
    : [`the database is at ${now.join(', ') || 'base'}, where no recorded deploy has brought it`];
  if (breaks.length) throw oldReleaseBreaks(target.name, before ?? 'the release before', breaks);
}

function assertSchemaAlone({ target, running, deploys }: Found): void {
  const before = deploys.at(-1)!.running;
  if (running !== null && running === before) return;
  if (!(running === deploys[0].release && runsOnBefore(deploys)))
    throw releaseNeedsSchema(target.name, running, before ?? 'the release before');
}

async function refuseLosses(
  { target, now, input, due }: Found,
  taken: readonly Plan[],
  work: Work,
): Promise<void> {
  const losses: string[] = [];
  for (const [at, plan] of taken.entries()) {
    const applied = at === 0 ? appliedOf(plan, now) : plan.revisions.map(({ revision }) => revision);
    const back = plan.revisions.filter((each) => applied.includes(each.revision)).toReversed();
    const notBack =
      plan.risk === 'very-high' && plan.procedure !== 'online-contract' && (back.length || due)
        ? await whyNotBack(target, plan, input, work)
        : [];
    if (notBack.length) losses.push(ONLY_RESTORE, ...notBack);
    else losses.push(...(await whatWouldBeLost(target, plan, back, work.signal)));
  }
  if (losses.length) throw rollbackWouldLose(target.name, losses);
}

const ONLY_RESTORE =
  'the deploy lost or transformed data, which a downgrade does not bring back; only a restore of its backup does';

/** Tells now, and not after people have approved it, why it could not run. */
function assertCanRun(target: Target, plan: PlanSummary, { requestedBy }: CheckRollbackInput): void {
  if (closesSite(plan.procedure) && !target.settings.closure) throw mustBeClosed(plan);
  const { approvals, requesterMayApprove } = plan.gate;
  if (approvals > 0 && !requesterMayApprove && !requestedBy?.trim()) throw requesterNeeded(plan);
}
