import type { Offline } from '../domain/verdict.js';
import { flagsDisagree, fromNeeded } from '../domain/problems/check.js';
import { homeAt, planOffline } from '../local.js';
import { schemaIn } from '../sql-files/schema.js';
import { shown } from './check-target.js';
import { exitCodeFor, formatOf, type CheckOptions } from './check.js';
import type { Io } from './io.js';
import { releaseOption } from './release-option.js';
import { commandWork } from './work.js';

/**
 * Says what the revision files alone tell: for a CI that reaches no database. Runs none of the target's commands and
 * keeps nothing.
 *
 * @throws Problem `from-needed`, `no-such-from`, `schema-not-readable`, those of Alembic
 */
export async function checkOffline(
  targetName: string | undefined,
  options: CheckOptions,
  io: Io,
): Promise<number> {
  const from = fromOf(options);
  const target = homeAt(options.config).target(targetName);
  const { release } = releaseOption(options);
  if (release === undefined && target.settings.alembic.project.includes('{release}'))
    throw flagsDisagree(
      `the folder of the Alembic project is named after the release: ${target.settings.alembic.project}`,
      'name the release: --release NAME; --offline runs no command to find it out',
    );
  const postgres = options.postgres === undefined ? undefined : Number(options.postgres);
  const known = {
    ...(postgres === undefined ? {} : { postgres }),
    ...(options.schema === undefined ? {} : { schema: await schemaIn(options.schema, postgres) }),
  };
  const plan = await planOffline(target, { release: release ?? 'current', from, ...known }, commandWork(io));
  const offline: Offline = { from, schema: options.schema ?? null };
  io.out(await shown(plan, formatOf(options), target, offline));
  return exitCodeFor(plan.revisions.length ? [plan.risk] : [], options);
}

function fromOf({ from }: CheckOptions): readonly string[] {
  const revisions = (from ?? '').split(',').flatMap((each) => each.trim() || []);
  if (revisions.length === 0) throw fromNeeded();
  if (!revisions.includes('base')) return revisions;
  if (revisions.length > 1)
    throw flagsDisagree('--from names base and a revision', 'base stands alone: before the first revision');
  return [];
}
