import { setTimeout as sleep } from 'node:timers/promises';
import type { Migrated } from '../../adapters/alembic/events.js';
import { migrate, type MigrateOptions } from '../../adapters/alembic/migrate.js';
import { readCatalog } from '../../adapters/postgres/catalog.js';
import { withClient, type Client } from '../../adapters/postgres/client.js';
import { endSession } from '../../adapters/postgres/end-holders.js';
import type { LockQuestion } from '../../adapters/postgres/lock-holders.js';
import { sessionsNamed } from '../../adapters/postgres/sessions.js';
import type { Blocked, SessionToCancel, StallOptions } from '../../domain/blocked.js';
import type { Plan } from '../../domain/plan.js';
import { Problem } from '../../domain/problem.js';
import { migrationCutOff } from '../../domain/problems/alembic-run.js';
import { lockBlocked } from '../../domain/problems/lock-blocked.js';
import type { Target } from '../home.js';
import type { RevisionFiles } from '../revision-files.js';
import { keeping } from '../keeping.js';
import { sessionName } from '../standing.js';
import type { Work } from '../work.js';
import { Ahead } from './ahead.js';
import { asHolders } from './around.js';
import { dropLeftBuilds, noteBuild } from './left-builds.js';
import type { Stood } from './looking.js';
import { Lookout } from './lookout.js';
import { Stall } from './stall.js';

/** A plan of an earlier version has none. */
const DEFAULT_BUDGET_MS = 1_000;
const PAUSE_MS = 1_000;
const ROLLED_BACK_WITHIN_MS = 5_000;
const POLL_MS = 20;

/** One start of the migration: what is left to do by then. */
export type Begin = () => Promise<
  Pick<MigrateOptions, 'direction' | 'revisions' | 'expectFrom' | 'expectDatabase'>
>;

export interface LookingRun {
  target: Target;
  plan: Plan;
  runId: string;
  /** Whose revision files are run. */
  files: RevisionFiles;
  begin: Begin;
  /** Revisions that are committed by now although this run did not come to its end. */
  committed: () => Promise<readonly string[]>;
  onEvent: NonNullable<MigrateOptions['onEvent']>;
  lockWaitMs: number;
  stall?: StallOptions | undefined;
  work: Work;
}

/** While it goes on: the session that looks, and what the migration has spent of its budget. */
interface Going extends LookingRun {
  client: Client;
  budget: Stall;
}

/**
 * Runs revisions without making others wait for longer than the plan allows. Whatever a start has committed is left
 * out of the next one.
 *
 * @throws Problem `lock-blocked` once its transaction is rolled back; those of the bridge
 */
export async function migrateLooking(run: LookingRun): Promise<Migrated> {
  const { target, plan, work } = run;
  const { tries } = target.settings.alembic;
  const budget = new Stall(run.stall?.budgetMs ?? plan.stallBudgetMs ?? DEFAULT_BUDGET_MS);
  const options = { applicationName: sessionName(target.name, 'look', run.runId), signal: work.signal };
  return withClient(target.url(), options, async (client) => {
    await endNamed(client, run.stall?.cancel ?? [], work);
    const going = { ...run, client, budget };
    let ahead: readonly LockQuestion[] = [];
    for (let start = 1, unforeseen = 0; ; start += 1) {
      const came = await once(going, ahead, start);
      if ('statements' in came) return came;
      ahead = [...ahead, ...came.ahead];
      if (!came.error) continue;
      if (budget.leftMs < 1) throw await blocked(going, came.stood, { reason: 'budget' });
      if (came.ahead.length === 0 && (unforeseen += 1) >= tries) throw came.error;
      work.progress(`${came.error.told.what}; trying again`);
      await sleep(PAUSE_MS, undefined, { signal: work.signal });
    }
  });
}

/** A start that came to its end, or is to be begun again. */
type Came = Migrated | Again;

interface Again {
  /** To look at before the next start takes a lock. */
  ahead: readonly LockQuestion[];
  /** Where a lock timed out in the transaction, and not in an attempt of its own. */
  error?: Problem;
  stood?: Stood | undefined;
}

async function once(going: Going, ahead: readonly LockQuestion[], start: number): Promise<Came> {
  const { target, plan, runId, work, client, budget: stall } = going;
  const { lockTimeoutMs: attemptMs, waitMinutes } = target.settings.alembic;
  await dropLeftBuilds(target, plan, runId, work);
  const what = await going.begin();
  if (!what.revisions.length) return { revisions: [], statements: 0, ms: 0 };
  const lookout = new Lookout({
    ...{ client, stall, ahead, start, attemptMs, signal: work.signal },
    progress: (text) => work.progress(target.mask(text)),
    waitMs: waitMinutes * 60_000,
    versionTable: plan.versionTable.name,
    coming: comingIn(plan, what.direction),
    onBuild: (build, revision) => noteBuild(target, runId, { ...build, revision, direction: what.direction }),
    // Meanwhile Python starts. What is not known is found out by short attempts.
    schema: readCatalog(client).catch(() => undefined),
  });
  try {
    return await migrate(going.files.project, {
      ...{ ...what, kept: going.files.kept },
      applicationName: sessionName(target.name, 'migrate', runId),
      lockTimeoutMs: attemptMs,
      lockWaitMs: going.lockWaitMs,
      leave: keeping(plan, runId, lookout.leave),
      onEvent: (event) => (lookout.hear(event), going.onEvent(event)),
      ...(work.onTool ? { onStart: work.onTool } : {}),
      signal: work.signal,
    });
  } catch (error) {
    return await whatCame(going, lookout, error);
  } finally {
    await lookout.close();
  }
}

const comingIn = ({ revisions }: Plan, direction: 'upgrade' | 'downgrade'): Ahead =>
  new Ahead(
    new Map(revisions.map((each) => [each.revision, direction === 'upgrade' ? each.upSql : each.downSql])),
  );

/** What a start that failed means. @throws Problem where it is not to be begun again */
async function whatCame(going: Going, lookout: Lookout, error: unknown): Promise<Again> {
  await lookout.close();
  const { ended, stood } = lookout;
  if (!(error instanceof Problem)) throw error;
  if (ended && error.code === 'migration-aborted') {
    if (ended.how === 'failed') throw sightLost(ended.error, stood?.revision ?? null);
    if (ended.how === 'stop') {
      const { reason, needMs } = ended;
      const midway = await lookout.committedMidway();
      throw await blocked(going, ended, {
        ...{ reason, ...(midway ? { midway } : {}), ...(needMs === undefined ? {} : { needMs }) },
      });
    }
    await rolledBack(going);
    return ended;
  }
  if (error.code !== 'lock-timeout' || (await lookout.committedMidway())) throw error;
  going.budget.spend(going.target.settings.alembic.lockTimeoutMs);
  return { error, stood, ahead: stood?.wanted ?? [] };
}

/** The session that looks was lost: the server or the network went away, and what became of the rest is settled. */
function sightLost(error: unknown, revision: string | null): unknown {
  if (!(error instanceof Problem)) return error;
  const why = error.message;
  return migrationCutOff({ revision, why, changed: false, sql: null, sqlstate: null, at: null });
}

const STATEMENT_CHARS = 1_000;

async function blocked(
  going: Going,
  stood: Stood | undefined,
  why: Pick<Blocked, 'reason' | 'midway' | 'needMs'>,
): Promise<Problem> {
  await rolledBack(going);
  const { stalledMs, waitedMs, budgetMs } = going.budget;
  return lockBlocked({
    ...{ ...why, stalledMs, waitedMs, budgetMs },
    revision: stood?.revision ?? '',
    statement: going.target.mask(stood?.sql ?? '').slice(0, STATEMENT_CHARS),
    relations: (stood?.wanted ?? []).slice(0, 20).map(({ name, lock }) => ({ name, lock })),
    holders: asHolders(stood?.holders ?? [], going.target.mask),
    committed: await going.committed(),
  });
}

/** The bridge has ended; the server rolls back once it notices, and only then nobody waits for it any more. */
async function rolledBack({ target, runId, client }: Going): Promise<void> {
  const name = sessionName(target.name, 'migrate', runId);
  for (
    const until = performance.now() + ROLLED_BACK_WITHIN_MS;
    performance.now() < until;
    await sleep(POLL_MS)
  )
    if (!(await sessionsNamed(client, name)).length) return;
}

/** What a person decided: exactly these sessions, once. */
async function endNamed(client: Client, sessions: readonly SessionToCancel[], work: Work): Promise<void> {
  for (const session of sessions) work.progress(`pid ${session.pid}: ${await endSession(client, session)}`);
}
