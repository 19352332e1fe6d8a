import { workflowInfo } from '@temporalio/workflow';
import type { OldCodeProof } from '../domain/old-code.js';
import type { PhaseName, PlannedPhase } from '../domain/phases/settings.js';
import { endedBefore } from '../domain/phases/status.js';
import type { Message } from '../domain/record.js';
import { failureOfError, wasCancelled, wordsOf } from './failures.js';
import type { PhasesRun } from './phases.js';
import { proveNoOldCode } from './steps.js';

/**
 * Waits, one thing at a time: while it is paused, for a person where something failed, for the phase's time, for a `go`.
 *
 * @returns `begin` when the phase may begin; `again` when something has changed: the caller looks anew
 */
export async function waitFor(run: PhasesRun, planned: PlannedPhase): Promise<'begin' | 'again'> {
  const { watch } = run;
  if (watch.wanted.paused) {
    const says = 'no further phase begins until it is resumed';
    watch.show({ state: 'paused', phase: planned.phase, says, until: null, next: [watch.verb('resume')] });
    await watch.whilePaused();
    return 'again';
  }
  if (watch.next()?.state === 'needs a person') return forPerson(run, planned);
  if (watch.went !== planned.phase && (await forTime(run, planned)) === 'again') return 'again';
  return planned.phase === 'contract' ? forProof(run, planned) : 'begin';
}

/** After a failure, or what stands in the way: `go` takes what was shown as it is. */
async function forPerson(run: PhasesRun, { phase }: PlannedPhase): Promise<'begin' | 'again'> {
  const { watch } = run;
  await watch.wait(undefined, '');
  const go = watch.took();
  if (!go) return 'again';
  took(run, phase, go);
  watch.accepted = [...watch.accepted, ...watch.found];
  watch.show({ state: 'running', failure: null });
  return 'begin';
}

async function forTime(run: PhasesRun, { phase, afterMs, ask }: PlannedPhase): Promise<'begin' | 'again'> {
  const { watch } = run;
  const since = endedBefore(watch.status.lines, phase);
  const until = since === undefined ? 0 : Date.parse(since) + afterMs;
  const isLate = Date.now() >= until;
  if (isLate && !ask && !watch.wanted.hold) return 'begin';
  const says = isLate ? `${phase} waits for a person's go` : `${phase} waits for its time`;
  watch.line(phase, { state: 'waits', says });
  const next = [watch.verb('go', isLate ? '' : '--overrule "why it need not wait"'), watch.verb('back')];
  watch.show({ state: 'waits', phase, says, until: isLate ? null : new Date(until).toISOString(), next });
  if (isLate) await asked(run, phase);
  await watch.wait(isLate ? undefined : until - Date.now(), says);
  const go = watch.took();
  if (!go) return 'again';
  took(run, phase, go);
  return 'begin';
}

function took({ watch }: PhasesRun, phase: PhaseName, go: Message): void {
  watch.by = go.by;
  watch.went = phase;
  if (go.overrule) watch.overruled = go.overrule;
  watch.wanted.hold = false;
}

/** What contract takes away must not be used any more: looked at again and again until nothing speaks against it. */
async function forProof(run: PhasesRun, { phase, release }: PlannedPhase): Promise<'begin' | 'again'> {
  const { watch, asked, plan } = run;
  const deployed = watch.status.lines.find((line) => line.phase === 'deploy');
  if (watch.overruled || !deployed?.ended || !deployed.release) return 'begin';
  const { target, change } = asked;
  const { runId } = workflowInfo();
  const since = { since: deployed.ended, release: deployed.release };
  const files = release === null ? {} : { filesOf: release };
  const proof = await proveNoOldCode({ target, runId, change, ...since, ...files }).catch(notLooked);
  if (proof.holds) {
    watch.show({ proof });
    return 'begin';
  }
  const left = [...proof.evidence.filter(({ holds }) => !holds).map(({ says }) => says), ...proof.missing];
  const says = `${phase} waits until no old code is left: ${left.join('; ').slice(0, 300)}`;
  if (!watch.toldOfOldCode) await run.tell('gate-open', says);
  watch.toldOfOldCode = true;
  watch.line(phase, { state: 'waits', says: 'old code may be left' });
  const next = [watch.verb('go', '--overrule "why it may run nevertheless"'), watch.verb('back')];
  watch.show({ state: 'waits', phase, says, until: null, next, proof });
  await watch.wait(plan.proofEveryMs, 'until it looks for old code again');
  const go = watch.took();
  if (go) took(run, phase, go);
  return 'again';
}

/** A look that fails is no proof. */
function notLooked(error: unknown): OldCodeProof {
  if (wasCancelled(error)) throw error;
  return { holds: false, evidence: [], missing: [wordsOf(failureOfError(error))] };
}

/** Told once for each wait. */
async function asked({ watch, tell, keep }: PhasesRun, phase: string): Promise<void> {
  await keep();
  await tell('gate-open', `${phase} waits for a person's go: ${watch.verb('go')}`);
}
