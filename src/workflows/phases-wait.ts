import type { PlannedPhase } from '../domain/phases/settings.js';
import { endedBefore } from '../domain/phases/status.js';
import type { PhasesRun } from './phases.js';

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
    await watch.wait(undefined, '');
    return 'again';
  }
  if (watch.next()?.state === 'needs a person') return forPerson(run);
  return forTime(run, planned);
}

/** After a failure, or what stands in the way: `go` takes what was shown as it is. */
async function forPerson({ watch }: PhasesRun): Promise<'begin' | 'again'> {
  await watch.wait(undefined, '');
  const go = watch.took();
  if (!go) return 'again';
  watch.by = go.by;
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
  watch.by = go.by;
  watch.wanted.hold = false;
  return 'begin';
}

/** Told once for each wait. */
async function asked({ watch, tell, keep }: PhasesRun, phase: string): Promise<void> {
  await keep();
  await tell('ended', `${phase} waits for a person's go: ${watch.verb('go')}`);
}
