import type { BridgeEvent } from '../adapters/alembic/events.js';
import { fingerprintDifference } from '../adapters/postgres/fingerprint.js';
import type { Plan, PlannedRevision } from '../domain/plan.js';
import { databaseMoved, noDowngrade, notAsBefore } from '../domain/problems/migration.js';
import type { StepInput, Undone } from '../domain/steps.js';
import { count } from '../domain/units.js';
import { lossesOf } from '../plan/losses.js';
import type { Home, Target } from './home.js';
import { lossesNow } from './losses-now.js';
import { dropLeftBuilds } from './look-first/left-builds.js';
import { migrateLooking } from './look-first/run.js';
import { readPlan, readSchema } from './plans.js';
import { revisionFiles } from './revision-files.js';
import { appliedOf } from './revisions.js';
import { revisionsOf, sameRevisions, standingOf } from './standing.js';
import { whileWatched } from './watch-migration.js';
import type { Work } from './work.js';

const LOCK_WAIT_MS = 15_000;

/** What `phases new` has written to keep two columns in step: it holds nothing. */
const KEEPS_IN_STEP = /^\s*drop\s+(trigger|function)\s+(if\s+exists\s+)?"?lockkeeper_/i;

/**
 * Takes the plan's revisions back, to exactly those that the database had. Checked like any change: what would
 * remove rows or values that were written since is not taken back, and the added schema stays.
 *
 * @returns `left` with what was written where, when the schema stays
 * @throws Problem `database-moved`, `no-downgrade`, `not-as-before`, `lock-blocked`; the bridge's own
 */
export async function downgrade(home: Home, input: StepInput, work: Work): Promise<Undone> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  await dropLeftBuilds(target, plan, input.runId, work);
  const now = await standingOf(target, plan.versionTable, work.signal);
  if (sameRevisions(now.revisions, plan.from))
    return confirm(target, plan, work, 'nothing had to be taken back');

  const back = revisionsBack(plan, now.revisions);
  const losses = await whatWouldBeLost(target, plan, back, work.signal);
  if (losses.length) return { left: losses.join('; ') };

  const watched = { ...input, step: 'put the schema back', plan, isUndo: true };
  await whileWatched(target, watched, work, (seen, onEvent) => takeBack(target, plan, input, seen, onEvent));
  return confirm(target, plan, work, `${count(back.length, 'revision')} taken back`);
}

/** Each start takes back what is in the database by then. */
async function takeBack(
  target: Target,
  plan: Plan,
  input: StepInput,
  work: Work,
  onEvent: (event: BridgeEvent) => void,
): Promise<void> {
  const now = () => revisionsOf(target, plan.versionTable, work.signal);
  await migrateLooking({
    ...{ target, plan, runId: input.runId, stall: input.stall, work },
    files: await revisionFiles(target, plan, input),
    lockWaitMs: LOCK_WAIT_MS,
    onEvent,
    begin: async () => {
      const { revisions: expectFrom, identity: expectDatabase } = await now();
      const revisions = revisionsBack(plan, expectFrom).map(({ revision }) => revision);
      return { direction: 'downgrade', revisions, expectFrom, expectDatabase };
    },
    committed: async () => {
      const there = appliedOf(plan, (await now()).revisions);
      return plan.revisions.map(({ revision }) => revision).filter((each) => !there.includes(each));
    },
  });
}

/** The plan's revisions that are in the database, newest first, all of them able to go back. */
function revisionsBack(plan: Plan, now: readonly string[]): PlannedRevision[] {
  const applied = appliedOf(plan, now);
  if (!now.every((each) => applied.includes(each) || plan.from.includes(each)))
    throw databaseMoved(now, plan.to);
  const back = plan.revisions.filter((each) => applied.includes(each.revision)).toReversed();
  const stuck = back.find(({ downgrade }) => downgrade === 'missing' || downgrade === 'raises');
  if (stuck) throw noDowngrade(stuck.revision, stuck.file, stuck.downgrade);
  return back;
}

/**
 * What going back would throw away, in words: rows in tables that would be dropped, values in columns that
 * would be dropped, and steps of which nobody can tell.
 */
export async function whatWouldBeLost(
  target: Target,
  { versionTable, keepsakes = [], upTo }: Pick<Plan, 'versionTable' | 'keepsakes' | 'upTo'>,
  back: readonly PlannedRevision[],
  signal: AbortSignal,
): Promise<string[]> {
  const lost: string[] = [];
  const renamed: string[] = [];
  let added: readonly string[] = [];
  for (const { revision, downSql, downHints, onlineHints = [] } of back) {
    const hints = downHints ?? onlineHints; // plans of earlier versions do not tell them apart
    if (downSql === null || hints.length) {
      const why = downSql === null ? 'it cannot be rendered' : `it asks the database (${hints.join(', ')})`;
      lost.push(`what the downgrade of ${revision} would remove cannot be told: ${why}`);
      continue;
    }
    const losses = await lossesOf(downSql, versionTable.name, keepsakes, added);
    added = losses.added;
    const { found, unknown } = await lossesNow(target, losses, { renamed, upTo }, signal);
    const told = [...losses.unknown, ...unknown].filter((sql) => !(upTo && KEEPS_IN_STEP.test(sql)));
    lost.push(...told.map((sql) => `the downgrade of ${revision} would run: ${sql.slice(0, 120)}`), ...found);
    renamed.push(...losses.renamed);
  }
  return lost;
}

/** Undone means: the revisions and the schema are those of before. */
async function confirm(target: Target, plan: Plan, { signal }: Work, note: string): Promise<Undone> {
  const now = await standingOf(target, plan.versionTable, signal);
  if (now.fingerprint === plan.standing.fingerprint) return { note: `${note}; the schema is as before` };
  const before = await readSchema(target.config.state, plan.standing.fingerprint);
  const { missing, added } = fingerprintDifference({ lines: before }, now);
  throw notAsBefore(missing, added);
}
