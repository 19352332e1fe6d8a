import type { BridgeEvent } from '../adapters/alembic/events.js';
import type { Plan } from '../domain/plan.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { count, duration } from '../domain/units.js';
import type { Home, Target } from './home.js';
import { expectMoves } from './keepsakes.js';
import { migrateLooking } from './look-first/run.js';
import { readPlan } from './plans.js';
import { projectOf } from './project-of.js';
import { revisionFiles } from './revision-files.js';
import { appliedOf } from './revisions.js';
import { revisionsOf } from './standing.js';
import { whileWatched } from './watch-migration.js';
import type { Work } from './work.js';

/** Longest wait for another session that changes this database, in milliseconds. */
const LOCK_WAIT_MS = 15_000;

/**
 * Runs exactly the plan's revisions, in its order; those that are in the database already are left out.
 *
 * Probe: a database that is there is left alone. Act: one `alembic upgrade`; only when it did not get its lock
 * is it started again. Confirm: the bridge has seen each revision committed.
 *
 * @throws Problem `lock-blocked` with a `Blocked`; those of `whileWatched` and of the bridge
 */
export async function upgrade(home: Home, input: StepInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const began = Date.now();
  await expectMoves(target, plan, { ...input, owner: 'not said' }, work);
  const watched = { ...input, step: 'migrate', plan };
  const { revisions, statements } = await whileWatched(target, watched, work, (seen, onEvent) =>
    whileLocked(target, plan, input, seen, onEvent),
  );
  if (!revisions) return { note: `already at ${plan.to.join(', ')}` };
  const took = duration(Date.now() - began);
  return { note: `${count(revisions, 'revision')}, ${count(statements, 'statement')} in ${took}` };
}

/** Looks first, and begins again where it must. What was committed by then is not run again. */
async function whileLocked(
  target: Target,
  plan: Plan,
  input: StepInput,
  work: Work,
  onEvent: (event: BridgeEvent) => void,
): Promise<{ revisions: number; statements: number }> {
  const now = () => revisionsOf(target, plan.versionTable, work.signal);
  const before = appliedOf(plan, (await now()).revisions);
  const { statements } = await migrateLooking({
    ...{ target, plan, runId: input.runId, stall: input.stall, work },
    // Forward runs what was approved, from where it was approved, or nothing.
    files: input.filesOf
      ? await revisionFiles(target, plan, input)
      : { project: projectOf(target, plan), kept: [] },
    lockWaitMs: LOCK_WAIT_MS,
    onEvent,
    begin: async () => {
      const { revisions, identity } = await now();
      const applied = appliedOf(plan, revisions);
      const left = plan.revisions.map((each) => each.revision).filter((each) => !applied.includes(each));
      return { direction: 'upgrade', revisions: left, expectFrom: revisions, expectDatabase: identity };
    },
    committed: async () => appliedOf(plan, (await now()).revisions).filter((each) => !before.includes(each)),
  });
  return { revisions: plan.revisions.length - before.length, statements };
}
