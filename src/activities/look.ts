import { fingerprintDifference } from '../adapters/postgres/fingerprint.js';
import type { SeenAt } from '../domain/emergency.js';
import type { Plan, VersionTable } from '../domain/plan.js';
import { isRestorePlan } from '../domain/restore.js';
import { handOf } from './hand.js';
import type { Target } from './home.js';
import { readSchema } from './plans.js';
import { revisionsOf, sameRevisions, standingOf } from './standing.js';

const USUAL: VersionTable = { name: 'alembic_version', schema: null };

/** The revisions of a target's database, whether or not a plan is known. @throws Problem of `withClient` */
export const revisionsNow = async (
  target: Target,
  plan: Pick<Plan, 'versionTable'> | null,
  signal: AbortSignal,
): Promise<string[]> => (await revisionsOf(target, plan?.versionTable ?? USUAL, signal)).revisions;

/**
 * Looks where the database stands: as before the plan, as after it, or between. Changes nothing.
 *
 * @throws Problem of `withClient`
 */
export async function seenAt(target: Target, plan: Plan, signal: AbortSignal): Promise<SeenAt> {
  const now = await standingOf(target, plan.versionTable, signal);
  const lines = await readSchema(target.config.state, plan.standing.fingerprint);
  const { missing, added } = fingerprintDifference({ lines }, now);
  const isSame = now.fingerprint === plan.standing.fingerprint;
  const found =
    sameRevisions(now.revisions, plan.to) && plan.revisions.length > 0
      ? 'new'
      : sameRevisions(now.revisions, plan.from) && isSame
        ? 'old'
        : 'between';
  const differences = isSame
    ? []
    : [...missing.map((line) => `gone: ${line}`), ...added.map((line) => `new: ${line}`)];
  return { found, revisions: now.revisions, differences };
}

/** The same of the run that a person must know of. @returns null where none is known, or it has no plan */
export async function lookAt(target: Target, signal: AbortSignal): Promise<SeenAt | null> {
  const hand = await handOf(target);
  const { plan } = hand ?? {};
  return plan && !isRestorePlan(plan) ? seenAt(target, plan, signal) : null;
}
