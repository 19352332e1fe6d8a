import { closedFolder, readFlag, removeForNginx, writeForNginx } from '../adapters/closure/flag.js';
import { seenText, untilSeen, type Seen } from '../adapters/closure/probe.js';
import { closerText, flagText, isOwn, type Closer, type Closure } from '../domain/closure.js';
import { maintenancePage } from '../domain/maintenance-page.js';
import { linesThatClose } from '../domain/nginx-snippet.js';
import * as problems from '../domain/problems/closure.js';
import type { RunInput } from '../domain/steps.js';
import { closureInForce, keepClosedWhere } from './closed-where.js';
import type { ClosureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import type { Home, Target } from './home.js';
import { writersStopped, type Counted } from './writers.js';
import type { Work } from './work.js';

export interface CloseInput extends RunInput, Closer {
  reason: string;
  /** Planned length in minutes; default: `closure.minutes` of the target. */
  minutes?: number;
}

export interface Closed extends Counted {
  since: string;
  deadline: string;
}

/** How long nginx may take to answer as closed: it looks for the file at each request. */
const CONFIRM_MS = 3_000;
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
 *   `flag-not-writable`, `site-unreachable`, `not-closed`, `command-failed`, `command-too-long`,
 *   those of writersStopped
 */
export async function closeSite(home: Home, input: CloseInput, work: Work): Promise<Closed> {
  const target = home.target(input.target);
  const settings = await closureInForce(target);
  await mustAnswer(settings, input, work.signal, 'closed');
  const { closure, isNew } = await placeFlag(target, settings, input);
  work.progress('the flag is set; asks the site');
  await confirmClosed(target.name, settings, isNew, work.signal);
  work.progress('the site is closed; stops writers');
  const environment = { LOCKKEEPER_RUN: input.runId, LOCKKEEPER_STEP: 'close' };
  const options = { target, runId: input.runId, step: 'close site', environment };
  await runCommands(settings.stop, { ...options, timeoutSeconds: settings.timeoutSeconds }, work);
  const { counters, note } = await writersStopped(target, input, work);
  const { since, deadline } = closure;
  const whose = closure.usedBy ? `closed by ${closerText(closure)} already` : 'closed';
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
  const found = await ownClosure(target.name, settings.flag, input);
  if (found && input.kind === 'run') return { closure: await used(found, settings, input), isNew: false };
  const closure = closureFor(target.name, input, input.minutes ?? settings.minutes, found?.since);
  await keepClosedWhere(target, settings);
  if (await setFlag(settings, closure, { replace: found !== null }))
    return { closure, isNew: found === null };
  // Somebody was faster by a moment: say who.
  return placeFlag(target, settings, input);
}

/** Closes nginx's way, with a page that has the planned end. @returns whether it was written */
export async function setFlag(
  { flag, page }: ClosureSettings,
  closure: Closure,
  options: { replace: boolean },
): Promise<boolean> {
  if (page !== null) await writeForNginx(page, maintenancePage(closure.deadline), { replace: true });
  return writeForNginx(flag, flagText(closure), options);
}

/** A run that finds the site closed by hand works in that closure, and says so in it: nobody opens it meanwhile. */
async function used(closure: Closure, { flag }: ClosureSettings, { runId }: CloseInput): Promise<Closure> {
  if (closure.kind === 'run' || closure.usedBy === runId) return closure;
  const marked = { ...closure, usedBy: runId };
  await writeForNginx(flag, flagText(marked), { replace: true });
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

async function confirmClosed(
  target: string,
  settings: ClosureSettings,
  isNew: boolean,
  signal: AbortSignal,
): Promise<void> {
  const isClosed = (seen: Seen) => seen.status === 503 && seen.closure === target;
  const other = await untilSeen(settings.url, isClosed, { waitMs: CONFIRM_MS, signal });
  if (other === null) return;
  const problem =
    typeof other === 'string'
      ? problems.siteUnreachable(settings.url, other, 'closed')
      : problems.notClosed(settings.url, seenText(other), await causes(target, settings.flag, other));
  // One that was there before this call has been confirmed once: the site must not open by our doubt.
  if (isNew) await removeFlag(settings);
  throw problem;
}

/** Why nginx may not heed the flag, what was found out before what may be. */
async function causes(target: string, flag: string, { closure }: Seen): Promise<string[]> {
  if (closure !== null && closure !== target)
    return [
      `closure.url leads to the site of another target, ${closure}: correct it, or the server of nginx`,
    ];
  const folder = await closedFolder(flag);
  return [
    ...(folder ? [`nginx cannot enter ${folder}: chmod o+x ${folder}, or put the flag somewhere else`] : []),
    'in the server of nginx that answers for closure.url these lines must stand, then nginx -s reload:',
    ...linesThatClose(flag),
    'closure.url must be a page that is closed: not the health check, which stays open',
    'open_file_cache must be off in that server: it notices the flag late',
  ];
}

/** Opens nginx's way, and takes the page away, whose planned end will be wrong. */
export async function removeFlag({ flag, page }: ClosureSettings): Promise<void> {
  await removeForNginx(flag);
  if (page !== null) await removeForNginx(page);
}
