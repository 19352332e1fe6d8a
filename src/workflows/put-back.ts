import { isCancellation, patched } from '@temporalio/workflow';
import type { Backup } from '../domain/backup.js';
import type { PlanSummary } from '../domain/plan.js';
import type { StepInput, Undone } from '../domain/steps.js';
import { BlockedAt, blockedIn } from './blocked.js';
import { failureOfError } from './failures.js';
import { answerWasLost, maySoonWork } from './lost.js';
import type { Run } from './run.js';
import { downgrade, health, putKeepsakesBack, restore, settle, startRelease, upgrade } from './steps.js';

/**
 * Puts the schema back to exactly the revisions it had. What was written into the added tables and columns
 * meanwhile is not thrown away: then the schema stays, and the record says so.
 */
export const schemaBack = (run: Run, plan: PlanSummary, files: Files = {}): Promise<Undone> =>
  settled(run, plan, downgrade, files);

/** Puts forward again what a rollback has begun to take back. */
export const schemaForward = (run: Run, plan: PlanSummary, files: Files = {}): Promise<Undone> =>
  settled(run, plan, upgrade, files);

/** Whose revision files are used, and of what the plan is a part. */
type Files = Pick<StepInput, 'filesOf' | 'partOf'>;

/** Starts the release that ran before, and waits until it is healthy. Harmless when it never stopped. */
export async function releaseBack(input: StepInput): Promise<Undone> {
  const back = { ...input, direction: 'back' as const };
  const came = await startRelease(back);
  if (!came.left) await health(back);
  return came;
}

/** Runs that began before may stand at the gate `repair` for it. */
const ASKS_WHEN_BLOCKED = 'blocked-undo';

/** How often an undo is begun before a person is asked. */
const TRIES = 3;

/**
 * Moves the schema once nothing else does: a migration may still run, because an attempt whose worker died
 * leaves its session behind. What the move did is looked at before it is begun again, so it must be one that
 * goes on from wherever the database stands. Where others keep it from its lock, people are asked.
 */
async function settled(
  run: Run,
  plan: PlanSummary,
  move: (input: StepInput) => Promise<Undone>,
  files: Files,
): Promise<Undone> {
  const gate = new BlockedAt(run, plan, 'undo');
  for (let left = TRIES; ; left -= 1) {
    const { found, note } = await settle({ ...run.for(plan), ...files });
    if (left < TRIES) run.note({ kind: 'settled', found, note });
    try {
      return await move({ ...run.for(plan), ...files, ...gate.input });
    } catch (error) {
      const blocked = blockedIn(error);
      if (blocked && patched(ASKS_WHEN_BLOCKED)) {
        await gate.decide(blocked, error);
        left = TRIES;
        continue;
      }
      if (left <= 1 || !(answerWasLost(error) || maySoonWork(error))) throw error;
    }
  }
}

/**
 * Puts the database back while nobody writes. Where all that goes was kept, or only the schema was changed, the
 * downgrade is tried first, and the restore is the last resort. Otherwise what lost or transformed data is restored
 * from the backup that was taken after the site was closed: a downgrade can come to the same schema and leave it lost.
 */
export async function databaseBack(run: Run, plan: PlanSummary, backup: Backup): Promise<Undone> {
  const only = plan.risk === 'very-high' && !plan.keepsakes?.all;
  const came = only ? { why: 'the change was of very high risk' } : await bySchema(run, plan);
  if ('note' in came) return came;
  await settle(run.for(plan));
  const { note } = await restore({ ...run.for(plan), backup, writersStopped: true });
  return { note: `restored from the backup, because ${came.why}; ${note ?? ''}` };
}

/** Takes the schema back, and puts back what was kept. @returns in words why not, where that did not do it */
async function bySchema(run: Run, plan: PlanSummary): Promise<{ note: string } | { why: string }> {
  try {
    const { left } = await schemaBack(run, plan);
    if (left !== undefined) return { why: left };
    if (!plan.keepsakes) return { note: 'taken back; the schema is as before' };
    const { note } = await putKeepsakesBack(run.for(plan));
    return { note: `taken back; the schema is as before; ${note ?? ''}` };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { why: failureOfError(error).what };
  }
}
