import { sinceUnknown } from '../../domain/problems/phases.js';
import type { OldCodeProof } from '../../domain/old-code.js';
import type { PendingRevision } from '../../plan/facts.js';
import { contractedBy } from '../../plan/taken-names.js';
import { runningRelease } from '../fetch-release.js';
import type { Target } from '../home.js';
import type { Work } from '../work.js';
import { deploysOf } from './asked.js';
import { pendingOf, proofFor } from './prove.js';

export interface ProofNow {
  change: string;
  /** ISO 8601. Default: when the last deploy was over. */
  since?: string;
  /** Whose files have the contract revisions. Default: that which runs. */
  filesOf?: string;
}

/** A proof with what it was asked about. */
export interface ChangeProof extends OldCodeProof {
  change: string;
  release: string | null;
  since: string;
}

/**
 * The same as `proveNoOldCode` of the release that was deployed last, for commands.
 *
 * @throws Problem `since-unknown`, those of `proveNoOldCode`
 */
export async function proveNow(
  target: Target,
  { change, since, filesOf }: ProofNow,
  work: Work,
): Promise<ChangeProof> {
  const at = await standing(target, since, work);
  const pending = await pendingOf(target, filesOf ?? at.release ?? 'current', work);
  return { change, ...at, ...(await proofFor(target, { ...at, change, pending, runId: 'proof' }, work)) };
}

/**
 * A proof for each change of which one of the pending revisions is the contract. Where none can be made, nothing is said.
 *
 * @param pending - of a plan
 */
export async function proofsOf(
  target: Target,
  { revisions: pending }: { revisions: readonly PendingRevision[] },
  work: Work,
): Promise<ChangeProof[]> {
  const changes = contractedBy(pending);
  if (!changes.length) return [];
  const at = await standing(target, undefined, work).catch(() => null);
  if (!at) return [];
  const proofs: ChangeProof[] = [];
  for (const change of changes) {
    const proof = await proofFor(target, { ...at, change, pending, runId: 'check' }, work).catch(() => null);
    if (proof) proofs.push({ change, ...at, ...proof });
  }
  return proofs;
}

/** What runs, and since when. What a run deployed last is what should run. */
async function standing(
  target: Target,
  since: string | undefined,
  work: Work,
): Promise<{ release: string | null; since: string }> {
  const [last] = await deploysOf(target);
  const release = last?.release ?? (await runningRelease(target, 'proof', work));
  const at = since ?? last?.ended;
  if (at === undefined) throw sinceUnknown(target.name);
  return { release, since: at };
}
