import { readFlag, writeFlag } from '../adapters/closure/flag.js';
import { seenText, untilSeen } from '../adapters/closure/probe.js';
import { closerText, isOwn, type Closer, type Closure, type Scope } from '../domain/closure.js';
import * as problems from '../domain/problems/closure.js';
import type { RunInput } from '../domain/steps.js';
import { closureInForce, keepClosedWhere } from './closed-where.js';
import type { ClosureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import type { Home, Target } from './home.js';
import { CONFIRM_MS, confirmClosed, removeFlag, setFlag, switched } from './site-switch.js';
import { writersStopped, type Counted } from './writers.js';
import type { Work } from './work.js';

export interface CloseInput extends RunInput, Closer {
  reason: string;
  /** Planned length in minutes; default: `closure.minutes` of the target. */
  minutes?: number;
  /** Default: `closure.scope` of the target. */
  scope?: Scope;
}

export interface Closed extends Counted {
  since: string;
  deadline: string;
}

/** How long a run waits for a site that does not answer at all: the system, or somebody, starts nginx again. */
const PATIENCE_MS = 10_000;

/**
 * Closes a target's site: writes the flag file, confirms by asking the site itself, stops its writers by the
 * commands of `closure.stop`, and proves that nobody writes any more. Harmless twice, and after a kill at any
 * moment: what the same run has done is found and confirmed. A closure by hand that the same person
 * makes again is renewed: reason and planned end are the new ones. A run works in a closure that a person made
 * before it, and leaves it closed.
 *
 * A flag that this call wrote and that has no effect is removed again. Whatever fails after that leaves the
 * site closed: a run's undo opens it (`openSite`), a person decides.
 *
 * @returns since when, until when, and the counters from which on nothing must be written
 * @throws Problem `no-closure`, `closed-by-other`, `flag-malformed`, `flag-of-other-target`,
 *   `closed-for-writes-only`, `flag-not-writable`, `site-unreachable`, `not-closed`, `command-failed`,
 *   `command-too-long`,
 *   those of writersStopped
 */
export async function closeSite(home: Home, input: CloseInput, work: Work): Promise<Closed> {
  const target = home.target(input.target);
  const settings = await closureInForce(target);
  await mustAnswer(settings, input, work.signal, 'closed');
  const { closure, isNew } = await placeFlag(target, settings, input);
  const at = { target, settings, runId: input.runId, work };
  await switched(at, 'close');
  work.progress('the flag is set; asks the site');
  const problem = await confirmClosed(target.name, settings, closure, work.signal);
  // One that was there before this call has been confirmed once: the site must not open by our doubt.
  if (problem && isNew) await removeFlag(at);
  if (problem) throw problem;
  work.progress('the site is closed; stops writers');
  const environment = { LOCKKEEPER_RUN: input.runId, LOCKKEEPER_STEP: 'close' };
  const options = { target, runId: input.runId, step: 'close site', environment };
  await runCommands(settings.stop, { ...options, timeoutSeconds: settings.timeoutSeconds }, work);
  const { counters, note } = await writersStopped(target, input, work);
  const { since, deadline } = closure;
  const what = closure.scope === 'writes' ? 'closed for writes' : 'closed';
  const whose = closure.usedBy ? `${what} by ${closerText(closure)} already` : what;
  return { since, deadline, counters, note: `${whose} since ${since}, planned until ${deadline}; ${note}` };
}

/**
 * Before the flag is touched: what nobody can ask is neither closed nor opened in vain.
 *
 * @throws Problem `site-unreachable`
 */
export async function mustAnswer(
  { url }: ClosureSettings,
  { kind }: Pick<Closer, 'kind'>,
  signal: AbortSignal,
  wanted: 'closed' | 'open',
): Promise<void> {
  const waitMs = kind === 'run' ? PATIENCE_MS : CONFIRM_MS;
  const other = await untilSeen(url, () => true, { waitMs, signal });
  if (other !== null) throw problems.siteUnreachable(url, seenText(other), wanted);
}

async function placeFlag(
  target: Target,
  settings: ClosureSettings,
  input: CloseInput,
): Promise<{ closure: Closure; isNew: boolean }> {
  const scope = input.scope ?? settings.scope;
  const found = await ownClosure(target.name, settings.flag, input);
  if (found?.scope === 'writes' && scope === 'site' && input.kind === 'run' && found.kind === 'hand')
    throw problems.closedForWritesOnly(found);
  if (found && input.kind === 'run') return { closure: await used(found, settings, input), isNew: false };
  const minutes = input.minutes ?? settings.minutes;
  const closure = {
    ...closureFor(target.name, input, minutes, found?.since),
    ...(scope === 'writes' ? { scope } : {}),
  };
  await keepClosedWhere(target, settings);
  if (await setFlag(settings, closure, { replace: found !== null }))
    return { closure, isNew: found === null };
  // Somebody was faster by a moment: say who.
  return placeFlag(target, settings, input);
}

/** A run that finds the site closed by hand works in that closure, and says so in it: nobody opens it meanwhile. */
async function used(closure: Closure, { flag }: ClosureSettings, { runId }: CloseInput): Promise<Closure> {
  if (closure.kind === 'run' || closure.usedBy === runId) return closure;
  const marked = { ...closure, usedBy: runId };
  await writeFlag(flag, marked, { replace: true });
  return marked;
}

/** @returns the closure that is there when the closer may work in it; null when the site is open */
async function ownClosure(target: string, path: string, closer: Closer): Promise<Closure | null> {
  const flag = await readFlag(path);
  if (flag.is === 'absent') return null;
  if (flag.is === 'strange') throw problems.flagMalformed(target, path, flag.why);
  if (flag.closure.target !== target) throw problems.flagOfOtherTarget(target, path, flag.closure);
  const { closure } = flag;
  const byHand = closure.kind === 'hand' && (closer.kind === 'run' || closer.by === closure.by);
  if (!byHand && !(closer.kind === 'run' && isOwn(closure, closer))) throw problems.closedByOther(closure);
  return closure;
}

function closureFor(
  target: string,
  { kind, by, runId, reason }: CloseInput,
  minutes: number,
  since?: string,
): Closure {
  const now = new Date();
  const deadline = new Date(now.getTime() + minutes * 60_000).toISOString();
  return { formatVersion: 1, target, kind, by, runId, reason, since: since ?? now.toISOString(), deadline };
}
