import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../adapters/alembic/migrate.js';
import type { Plan } from '../domain/plan.js';
import { Problem } from '../domain/problem.js';
import type { Noted, StepInput } from '../domain/steps.js';
import { count, duration } from '../domain/units.js';
import type { Home, Target } from './home.js';
import { migrationLog } from './migration-log.js';
import { readPlan } from './plans.js';
import { appliedOf } from './revisions.js';
import { revisionsOf, sessionName } from './standing.js';
import type { Work } from './work.js';

/** Longest wait for another session that changes this database, in milliseconds. */
const LOCK_WAIT_MS = 15_000;
const PAUSE_MS = 1_000;

/**
 * Runs exactly the plan's revisions, in its order; those that are in the database already are left out.
 *
 * Probe: a database that is there is left alone. Act: one `alembic upgrade`; only when it did not get its lock
 * is it started again. Confirm: the bridge has seen each revision committed.
 *
 * @throws Problem of the bridge
 */
export async function upgrade(home: Home, input: StepInput, work: Work): Promise<Noted> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const began = Date.now();
  const { revisions, statements } = await whileLocked(target, plan, input.runId, work);
  if (!revisions) return { note: `already at ${plan.to.join(', ')}` };
  const took = duration(Date.now() - began);
  return { note: `${count(revisions, 'revision')}, ${count(statements, 'statement')} in ${took}` };
}

/** Tries until it gets its locks. What was committed before a try failed is not run again. */
async function whileLocked(
  target: Target,
  plan: Plan,
  runId: string,
  work: Work,
): Promise<{ revisions: number; statements: number }> {
  const log = await migrationLog(target, runId, 'migrate', work);
  const { tries, lockTimeoutMs } = target.settings.alembic;
  for (let attempt = 1; ; attempt += 1) {
    const now = await revisionsOf(target, plan.versionTable, work.signal);
    const applied = appliedOf(plan, now.revisions);
    const left = plan.revisions.map((each) => each.revision).filter((each) => !applied.includes(each));
    try {
      const { statements } = await migrate(target.project(plan.release), {
        direction: 'upgrade',
        revisions: left,
        expectFrom: now.revisions,
        applicationName: sessionName(target.name, 'migrate', runId),
        lockTimeoutMs,
        lockWaitMs: LOCK_WAIT_MS,
        expectDatabase: now.identity,
        onEvent: log,
        ...(work.onTool ? { onStart: work.onTool } : {}),
        signal: work.signal,
      });
      return { revisions: left.length, statements };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'lock-timeout' || attempt >= tries) throw error;
      work.progress(`${error.told.what}; trying again (${attempt} of ${tries})`);
      await sleep(PAUSE_MS * attempt, undefined, { signal: work.signal });
    }
  }
}
