import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../adapters/alembic/migrate.js';
import type { Plan } from '../domain/plan.js';
import { Problem } from '../domain/problem.js';
import { planChanged } from '../domain/problems/run.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { count, duration } from '../domain/units.js';
import { differences } from '../plan/differences.js';
import { factsOf } from './check.js';
import type { Home, Target } from './home.js';
import { migrationLog } from './migration-log.js';
import { readPlan } from './plans.js';
import { appliedOf } from './revisions.js';
import { runningRelease } from './fetch-release.js';
import { sameRevisions, sessionName, standingOf } from './standing.js';
import type { Work } from './work.js';

/** Longest wait for another session that changes this database, in milliseconds. */
const LOCK_WAIT_MS = 15_000;
const PAUSE_MS = 1_000;

/**
 * Runs exactly the plan's revisions, in its order, when the plan still holds.
 *
 * Probe: a database that is there already is left alone. Act: one `alembic upgrade`; only when it did not get
 * its lock, and the database says that nothing was changed, it is started again. Confirm: the revisions.
 *
 * @param input.again - puts forward again what a rollback has begun to take back: compares no plan
 * @throws Problem `plan-changed` before anything is changed; the bridge's own
 */
export async function upgrade(
  home: Home,
  input: StepInput & { again?: boolean },
  work: Work,
): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const { revisions: now } = await standingOf(target, plan.versionTable, work.signal);
  if (sameRevisions(now, plan.to)) return { note: `already at ${plan.to.join(', ')}` };
  if (!input.again) await assertHolds(target, plan, input.runId, work);
  const applied = appliedOf(plan, now);
  const left = plan.revisions.map((each) => each.revision).filter((each) => !applied.includes(each));
  const began = Date.now();
  const statements = await whileLocked(target, plan, input.runId, left, now, work);
  return {
    note: `${count(left.length, 'revision')}, ${count(statements, 'statement')} in ${duration(Date.now() - began)}`,
  };
}

/** What was approved is what runs: all that the plan was made of is read again and compared. */
async function assertHolds(target: Target, plan: Plan, runId: string, work: Work): Promise<void> {
  const running = await runningRelease(target, runId, work);
  const facts = await factsOf(target, { name: plan.release, running }, target.project(plan.release), work);
  const differ = differences(plan, facts);
  if (differ.length) throw planChanged(plan.planHash, differ);
}

/** Tries until it gets its locks. Revisions that were committed before a try failed are not run again. */
async function whileLocked(
  target: Target,
  plan: Plan,
  runId: string,
  revisions: readonly string[],
  from: readonly string[],
  work: Work,
): Promise<number> {
  const log = await migrationLog(target, runId, 'migrate', work);
  const { tries, lockTimeoutMs } = target.settings.alembic;
  const { identity } = await standingOf(target, plan.versionTable, work.signal);
  for (let attempt = 1; ; attempt += 1) {
    const now = attempt === 1 ? from : (await standingOf(target, plan.versionTable, work.signal)).revisions;
    const applied = appliedOf(plan, now);
    try {
      const { statements } = await migrate(target.project(plan.release), {
        direction: 'upgrade',
        revisions: revisions.filter((each) => !applied.includes(each)),
        expectFrom: now,
        applicationName: sessionName(target.name, 'migrate', runId),
        lockTimeoutMs,
        lockWaitMs: LOCK_WAIT_MS,
        expectDatabase: { database: identity.database, startedAt: identity.startedAt },
        onEvent: log,
        signal: work.signal,
      });
      return statements;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'lock-timeout' || attempt >= tries) throw error;
      work.progress(`${error.told.what}; trying again (${attempt} of ${tries})`);
      await sleep(PAUSE_MS * attempt, undefined, { signal: work.signal });
    }
  }
}
