import { join } from 'node:path';
import { inspectOrRecall, type Stands } from '../adapters/alembic/kept.js';
import type { Inspection } from '../adapters/alembic/inspection.js';
import type { AlembicProject } from '../adapters/alembic/project.js';
import { together } from '../adapters/backup/together.js';
import { keepableTables } from '../adapters/keepsakes/keepable.js';
import { readCatalog } from '../adapters/postgres/catalog.js';
import { withClient } from '../adapters/postgres/client.js';
import type { Identity } from '../adapters/postgres/identity.js';
import { sizesOf } from '../adapters/postgres/sizes.js';
import { recalled } from '../adapters/recalled.js';
import type { Phased } from '../domain/phased.js';
import type { Finding, Plan, TableSize } from '../domain/plan.js';
import { wrongDatabase } from '../domain/problems/alembic.js';
import type { Release } from '../domain/steps.js';
import type { Named } from '../plan/automatic.js';
import type { ComparedFacts, PlanFacts } from '../plan/facts.js';
import { relationNamed } from '../schema/resolve.js';
import { loadParser } from '../sql/parse.js';
import { composeFacts } from './compose/fetch.js';
import type { Target } from './home.js';
import { editedSince } from './edited.js';
import { withheld } from './phased/withheld.js';
import { policyOf } from './policy.js';
import { migratesItself, mentionsOf } from './running-files.js';
import { revisionsOf, sessionName, standingOf } from './standing.js';
import { knownSurprises, type OfReleases } from './surprises.js';
import type { Work } from './work.js';

/** What of a release a plan is about. */
export interface PlanScope {
  /** Nothing is to run: a database that the release does not know will do. */
  mayBeAhead?: boolean;
  /** Only what this phase of a change needs. */
  upTo?: Phased | undefined;
}

/** All that a plan is made of, read now. */
export async function factsOf(
  target: Target,
  { name, running }: Pick<Release, 'name' | 'running'>,
  work: Work,
  scope: PlanScope = {},
): Promise<PlanFacts> {
  const { inspection, seen, ...facts } = await readNow(target, { name, ...scope }, work, schemaOf);
  return {
    ...{ ...facts, running, ...seen },
    rehearsed: await known(target, facts.revisions, { running, release: name }),
    edited: await editedSince(target.config.state, target.name, inspection.applied),
    selfMigrating: await migratesItself(target, name),
    mentions: await mentionsOf(target, running, name, inspection.pending),
  };
}

/** What the last rehearsal has found, of the releases only as long as they are tried. */
async function known(
  { config: { state }, name, settings }: Target,
  revisions: Inspection['pending'],
  of: OfReleases,
): Promise<Finding[]> {
  const found = await knownSurprises(state, name, revisions);
  return settings.rehearsal.cells ? [...found, ...(await knownSurprises(state, name, revisions, of))] : found;
}

/** Of what a plan is made of that which must not have changed when it runs, but for the running release. */
export async function factsToCompare(
  target: Target,
  { release, upTo }: Pick<Plan, 'release' | 'upTo'>,
  work: Work,
): Promise<Omit<ComparedFacts, 'running'>> {
  const { seen: tables, ...facts } = await readNow(target, { name: release, upTo }, work, tablesOf);
  return { ...facts, tables };
}

/** What both need; `look` asks the database beside it. */
async function readNow<T>(
  target: Target,
  { name: release, mayBeAhead = false, upTo }: { name: string } & PlanScope,
  { signal, progress, onTool }: Work,
  look: (target: Target, inspection: Inspection, signal: AbortSignal) => Promise<T>,
) {
  progress('asking Alembic what is pending');
  const { inspection, heldBack } = await withheld(
    target,
    release,
    await inspectionOf(target, target.project(release), { mayBeAhead, signal }, onTool),
    { upTo, skips: mayBeAhead },
  );
  progress('reading the schema');
  const { table, schema = null } = inspection.versionTable;
  const versionTable = { name: table, schema };
  const [{ identity, lines: _lines, ...standing }, seen] = await together(
    signal,
    (either) => standingOf(target, versionTable, either),
    (either) => look(target, inspection, either),
  );
  assertSameDatabase(inspection, identity);
  const byCompose = await composeFacts(target, release, signal);
  return {
    ...{ inspection, seen, target: target.name, release, standing, versionTable },
    ...{ from: standing.revisions, to: inspection.heads, revisions: inspection.pending },
    ...(upTo ? { upTo } : {}),
    ...(heldBack.length ? { heldBack } : {}),
    transactionPerMigration: inspection.transactionPerMigration,
    postgres: identity.major,
    ...byCompose,
    ...rulesFor(target),
    ...(await policyOf(target)),
  };
}

/** What the settings say that a plan is judged by. */
export const rulesFor = ({ settings }: Target) => ({
  settings,
  approval: settings.approval,
  windows: settings.windows,
  automatic: settings.automatic,
  ...{ stallBudgets: settings.alembic.stallBudgetMs, contract: settings.phases.contract },
});

/** What the revision files and the database say. Where nothing has changed since the last time, without starting Python. */
export const inspectionOf = (
  target: Target,
  project: AlembicProject,
  options: { mayBeAhead: boolean; signal: AbortSignal },
  onStart: Work['onTool'],
): Promise<Inspection> =>
  inspectOrRecall(
    project,
    {
      ...options,
      onStart: (pid) => {
        // Meanwhile: there will be something to read. What goes wrong is told by whoever reads it.
        loadParser().catch(() => undefined);
        onStart?.(pid);
      },
    },
    join(target.config.state, 'inspections'),
    (table) => standsAt(target, table, options.signal),
  );

async function standsAt(
  target: Target,
  { table, schema }: Inspection['versionTable'],
  signal: AbortSignal,
): Promise<Stands> {
  const { identity, revisions } = await revisionsOf(target, { name: table, schema: schema ?? null }, signal);
  return { database: identity.database, startedAt: identity.startedAt, revisions };
}

/** What the revisions name. Those who judge SQL are loaded only for what was not judged before. */
const namesOf = ({ config }: Target, pending: Inspection['pending']): Promise<Named> =>
  recalled(
    join(config.state, 'named'),
    pending.map(({ upSql, file }) => [upSql, file]),
    async () => (await import('../plan/automatic.js')).namesIn(pending),
  );

/** The sizes of the tables that the pending revisions touch. */
async function tablesOf(
  target: Target,
  { pending }: Inspection,
  signal: AbortSignal,
): Promise<readonly TableSize[]> {
  const { relations } = await namesOf(target, pending);
  if (!relations.length) return [];
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, (client) => sizesOf(client, relations));
}

/** The schema of now, and the sizes of the tables that the pending revisions touch. */
async function schemaOf(
  target: Target,
  { pending }: Inspection,
  signal: AbortSignal,
): Promise<Required<Pick<PlanFacts, 'tables'>> & Pick<PlanFacts, 'schema' | 'keepable'>> {
  if (!pending.length) return { tables: [] };
  const { relations, functions } = await namesOf(target, pending);
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  return withClient(target.url(), options, async (client) => {
    const schema = await readCatalog(client, { functions });
    const tables = await sizesOf(client, relations);
    for (const { name, bytes } of tables) {
      const relation = relationNamed(schema, name);
      if (relation) relation.bytes = bytes;
    }
    const keepable = mayTake(target, pending) ? await keepableTables(client, relations) : undefined;
    return { schema, tables, ...(keepable ? { keepable } : {}) };
  });
}

/** Most revisions take nothing, and then nobody asks what could be kept. */
const mayTake = ({ settings }: Target, pending: Inspection['pending']): boolean =>
  settings.keepsakes.keep &&
  pending.some(({ upSql }) => /\b(drop|type|update|delete|truncate|merge)\b/i.test(upSql ?? ''));

/** env.py may point elsewhere than our settings: then backup and migration would be of two databases. */
function assertSameDatabase({ identity: seen }: Inspection, ours: Identity): void {
  if (seen.database !== ours.database || seen.startedAt !== ours.startedAt) throw wrongDatabase(ours, seen);
}
