import { inspect } from '../adapters/alembic/inspect.js';
import type { FileInspection } from '../adapters/alembic/inspection.js';
import type { Plan } from '../domain/plan.js';
import { Problem } from '../domain/problem.js';
import { noSuchFrom } from '../domain/problems/check.js';
import { buildPlan } from '../plan/build.js';
import type { Schema } from '../schema/model.js';
import { rulesFor } from './facts.js';
import type { Target } from './home.js';
import { policyOf } from './policy.js';
import { migratesItself } from './running-files.js';
import type { Work } from './work.js';

export interface OfflineInput {
  release: string;
  /** Where the database is taken to stand; `[]`: before the first revision. */
  from: readonly string[];
  /** Major version of the server, where it was said. */
  postgres?: number;
  /** What was said of the schema there. */
  schema?: Schema;
}

/**
 * What the revision files alone tell of the revisions above `from`, without a database. Nothing of it is kept: where
 * the database stands and what is in it is assumed, so nobody can approve it, and it has the hash of no plan.
 *
 * One transaction around all revisions is taken for granted, as Alembic does unless env.py says otherwise.
 *
 * @throws Problem `no-such-from`; any of domain/problems/alembic
 */
export async function planOffline(target: Target, input: OfflineInput, { signal }: Work): Promise<Plan> {
  const { release, from, postgres, schema } = input;
  const inspection = await inspectFrom(target, input, signal);
  return buildPlan({
    target: target.name,
    ...{ release, running: null, from, to: inspection.heads, revisions: inspection.pending },
    standing: { revisions: from, fingerprint: '' },
    versionTable: { name: 'alembic_version', schema: null },
    transactionPerMigration: false,
    tables: [],
    ...rulesFor(target),
    ...(await policyOf(target)),
    ...(postgres === undefined ? {} : { postgres }),
    ...(schema === undefined ? {} : { schema }),
    selfMigrating: await migratesItself(target, release),
  });
}

async function inspectFrom(
  target: Target,
  { release, from }: OfflineInput,
  signal: AbortSignal,
): Promise<FileInspection> {
  try {
    return await inspect(target.projectOffline(release), { from, signal });
  } catch (error) {
    if (error instanceof Problem && error.code === 'unknown-revision') throw noSuchFrom(from);
    throw error;
  }
}
