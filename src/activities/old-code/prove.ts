import { withClient } from '../../adapters/postgres/client.js';
import { nothingToSay, proofOf, when, type Looked, type OldCodeProof } from '../../domain/old-code.js';
import { Problem } from '../../domain/problem.js';
import type { RunInput } from '../../domain/steps.js';
import { duration } from '../../domain/units.js';
import type { PendingRevision } from '../../plan/facts.js';
import { isContractOf, takenNames } from '../../plan/taken-names.js';
import { composeOf } from '../compose/target.js';
import { inspectionOf } from '../facts.js';
import type { Home, Target } from '../home.js';
import { sessionName } from '../standing.js';
import type { Work } from '../work.js';
import { around, deploysOf, type OldCodeAsked } from './asked.js';
import { lookAtContainers, type ContainersLooked } from './containers.js';
import { lookAtFiles } from './files.js';
import { lookAtProcesses } from './processes.js';
import { lookAtSessions } from './sessions.js';
import { lookAtStatements } from './statements.js';

export interface ProofInput extends RunInput {
  /** Name of the change whose *contract* is to run. */
  change: string;
  /** When the deploy of the release was over that does not use it any more: ISO 8601. */
  since: string;
  /** That release. */
  release: string;
  /** Whose files have the contract revisions. Default: the same. */
  filesOf?: string;
  /** How long must have passed since. */
  watchMs?: number;
}

/**
 * Whether old code is left that uses what the *contract* of a change takes away: containers or processes of another
 * release, sessions from before its deploy, statements that name it, the release's own files, and the time to watch. What
 * cannot be looked at is named, and counts for neither. Changes nothing but what was noted of statements.
 *
 * @throws Problem of withClient, `no-target`
 */
export async function proveNoOldCode(home: Home, input: ProofInput, work: Work): Promise<OldCodeProof> {
  const target = home.target(input.target);
  const pending = await pendingOf(target, input.filesOf ?? input.release, work);
  return proofFor(target, { ...input, pending }, work);
}

/** The same with the pending revisions in hand, or why they are not. */
export async function proofFor(
  target: Target,
  input: Omit<ProofInput, 'release' | 'target'> & {
    release: string | null;
    pending: readonly PendingRevision[] | string;
  },
  work: Work,
): Promise<OldCodeProof> {
  const { release, change, since, watchMs } = input;
  const { taken, missing } = await takenBy(input.pending, change);
  const { own, later } = around(await deploysOf(target), release, since);
  const asked: OldCodeAsked = { target, release, since, began: own?.began ?? since, later, taken };
  const who = await lookAtWhoRuns(asked, work);
  // What the release's own containers opened is not older than they are.
  const began = who.began !== null && Date.parse(who.began) <= Date.parse(since) ? who.began : asked.began;
  const options = { applicationName: sessionName(target.name, 'look', input.runId), signal: work.signal };
  const [sessions, statements] = await withClient(target.url(), options, async (client) => [
    await lookAtSessions(client, { ...asked, began }, who.addresses),
    await lookAtStatements(client, asked),
  ]);
  const files = await lookAtFiles(asked);
  return proofOf([who, sessions!, statements!, files, watched(since, watchMs), { evidence: [], missing }]);
}

/** Containers where compose starts the application, else processes. */
async function lookAtWhoRuns(asked: OldCodeAsked, work: Work): Promise<ContainersLooked> {
  const nothing = { addresses: null, began: null };
  try {
    const of = await composeOf(asked.target, work.signal);
    if (of) return await lookAtContainers(of, asked);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { what, why, next } = error.told;
    const said = `containers: ${[what, ...(why ? [why] : [])].join(': ')}; ${next[0] ?? ''}`;
    return { ...nothing, evidence: [], missing: [said] };
  }
  return { ...nothing, ...(await lookAtProcesses(asked)) };
}

export async function pendingOf(
  target: Target,
  release: string,
  work: Work,
): Promise<readonly PendingRevision[] | string> {
  try {
    const { signal, onTool } = work;
    return (await inspectionOf(target, target.project(release), { mayBeAhead: true, signal }, onTool))
      .pending;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `the revisions of ${release} cannot be read: ${error.message}`;
  }
}

/** What the change's contract takes, or why that is not known. */
async function takenBy(
  pending: readonly PendingRevision[] | string,
  change: string,
): Promise<{ taken: OldCodeAsked['taken']; missing: string[] }> {
  const unknown = (why: string) => ({ taken: null, missing: [`statements, files: ${why}`] });
  if (typeof pending === 'string') return unknown(pending);
  const contract = pending.filter((revision) => isContractOf(revision, change));
  if (!contract.length) return unknown(`no pending revision is the contract of ${change}`);
  const taken = await takenNames(contract);
  return taken
    ? { taken, missing: [] }
    : unknown(`not all SQL of the contract of ${change} is known before it runs`);
}

function watched(since: string, watchMs: number | undefined): Looked {
  if (watchMs === undefined) return nothingToSay;
  const left = Date.parse(since) + watchMs - Date.now();
  const until = when(new Date(Date.parse(since) + watchMs).toISOString());
  const says =
    left > 0
      ? `to be watched until ${until}, for ${duration(left)} more`
      : `watched for ${duration(watchMs)}, until ${until}`;
  return { evidence: [{ source: 'watch time', says, holds: left <= 0 }], missing: [] };
}
