import { copyFile, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inspectOrRecall, type Stands } from '../adapters/alembic/kept.js';
import type { Inspection } from '../adapters/alembic/inspection.js';
import type { AlembicProject } from '../adapters/alembic/project.js';
import { together } from '../adapters/backup/together.js';
import { readCatalog } from '../adapters/postgres/catalog.js';
import { withClient } from '../adapters/postgres/client.js';
import type { Identity } from '../adapters/postgres/identity.js';
import { sizesOf } from '../adapters/postgres/sizes.js';
import { closesSite, type Plan, type PlanSummary } from '../domain/plan.js';
import { wrongDatabase } from '../domain/problems/alembic.js';
import { mustBeClosed, requesterNeeded } from '../domain/problems/people.js';
import type { Noted, Release, RunInput } from '../domain/steps.js';
import { namesIn } from '../plan/automatic.js';
import { buildPlan, type PlanFacts } from '../plan/build.js';
import { summarise } from '../plan/summary.js';
import { relationNamed } from '../schema/resolve.js';
import { loadParser } from '../sql/parse.js';
import type { Home, Target } from './home.js';
import { editedSince } from './edited.js';
import { policyOf } from './policy.js';
import { keepPlan } from './plans.js';
import { windowNote } from './plan-age.js';
import { migratesItself, mentionsOf } from './running-files.js';
import { revisionsOf, sessionName, standingOf } from './standing.js';
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
  const plan = await buildPlan(await factsOf(target, release, project, work));
  await keepPlan(target.config.state, plan);
  await keepRevisionFiles(target.config.state, project, plan);
  return plan;
}

/** All that a plan is made of, read now. */
export async function factsOf(
  target: Target,
  release: Pick<Release, 'name' | 'running'>,
  project: AlembicProject,
  { signal, progress, onTool }: Work,
): Promise<PlanFacts> {
  progress('asking Alembic what is pending');
  // Meanwhile: there will be something to read. What goes wrong is told by whoever reads it.
  loadParser().catch(() => undefined);
  const inspection = await inspectionOf(target, project, signal, onTool);
  progress('reading the schema');
  const { table, schema = null } = inspection.versionTable;
  const versionTable = { name: table, schema };
  const [{ identity, lines: _lines, ...standing }, known] = await together(
    signal,
    (either) => standingOf(target, versionTable, either),
    (either) => schemaOf(target, inspection, either),
  );
  assertSameDatabase(inspection, identity);
  return {
    target: target.name,
    release: release.name,
    running: release.running,
    from: standing.revisions,
    to: inspection.heads,
    revisions: inspection.pending,
    standing,
    versionTable,
    transactionPerMigration: inspection.transactionPerMigration,
    postgres: identity.major,
    ...rulesFor(target),
    ...(await policyOf(target)),
    ...known,
    edited: await editedSince(target.config.state, target.name, inspection.applied),
    selfMigrating: await migratesItself(target, release.name),
    mentions: await mentionsOf(target, release.running, release.name, inspection.pending),
  };
}

/** What the settings say that a plan is judged by. */
export const rulesFor = ({ settings }: Target) => ({
  settings,
  approval: settings.approval,
  windows: settings.windows,
  automatic: settings.automatic,
});

/** Where nothing has changed since the last time, without starting Python. */
const inspectionOf = (
  target: Target,
  project: AlembicProject,
  signal: AbortSignal,
  onStart: Work['onTool'],
): Promise<Inspection> =>
  inspectOrRecall(
    project,
    { signal, ...(onStart ? { onStart } : {}) },
    join(target.config.state, 'inspections'),
    (table) => standsAt(target, table, signal),
  );

async function standsAt(
  target: Target,
  { table, schema }: Inspection['versionTable'],
  signal: AbortSignal,
): Promise<Stands> {
  const { identity, revisions } = await revisionsOf(target, { name: table, schema: schema ?? null }, signal);
  return { database: identity.database, startedAt: identity.startedAt, revisions };
}

/** The schema of now, and the sizes of the tables that the pending revisions touch. */
async function schemaOf(
  target: Target,
  { pending }: Inspection,
  signal: AbortSignal,
): Promise<Required<Pick<PlanFacts, 'tables'>> & Pick<PlanFacts, 'schema'>> {
  if (!pending.length) return { tables: [] };
  const { relations, functions } = await namesIn(pending);
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, async (client) => {
    const schema = await readCatalog(client, { functions });
    const tables = await sizesOf(client, relations);
    for (const { name, bytes } of tables) {
      const relation = relationNamed(schema, name);
      if (relation) relation.bytes = bytes;
    }
    return { schema, tables };
  });
}

/** env.py may point elsewhere than our settings: then backup and migration would be of two databases. */
function assertSameDatabase({ identity: seen }: Inspection, ours: Identity): void {
  if (seen.database !== ours.database || seen.startedAt !== ours.startedAt) throw wrongDatabase(ours, seen);
}

/** Every revision file that may be applied is kept by its hash: a rollback needs it after the release is gone. */
async function keepRevisionFiles(state: string, project: AlembicProject, plan: Plan): Promise<void> {
  const folder = join(state, 'revisions');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { file, sha256 } of plan.revisions) {
    const kept = join(folder, `${sha256}.py`);
    if (!existsSync(kept)) await copyFile(join(project.cwd, file), kept);
  }
}
