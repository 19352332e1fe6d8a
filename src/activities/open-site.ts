import { readFlag, writeFlag } from '../adapters/closure/flag.js';
import { seenText, untilSeen, type Seen } from '../adapters/closure/probe.js';
import { closerText, isOwn, type Closer, type Flag } from '../domain/closure.js';
import {
  closedByOther,
  flagMalformed,
  flagOfOtherTarget,
  notOpened,
  siteUnreachable,
  usedByRun,
} from '../domain/problems/closure.js';
import type { RunInput, Undone } from '../domain/steps.js';
import { duration } from '../domain/units.js';
import { mustAnswer } from './close-site.js';
import { closureInForce, forgetClosedWhere } from './closed-where.js';
import { closureSettings, type ClosureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import type { Home, Target } from './home.js';
import { afterFlag, removeFlag, setFlag, switched, writesOpen } from './site-switch.js';
import type { Work } from './work.js';

export interface OpenInput extends RunInput, Closer {
  /** By hand only: opens whoever closed it. */
  force?: boolean;
}

/** The application may need a moment for its first answer. */
const CONFIRM_MS = 15_000;
/** How long a site that is not closed by us is asked. */
const LOOK_MS = 2_000;

/**
 * Opens a target's site: starts its writers by the commands of `closure.start`, removes the flag file, and
 * confirms by asking the site itself. Harmless twice, and when nothing was closed. The site stays closed when a
 * start command fails, and for a run also when nothing answers, or not as an open site.
 *
 * @returns `closed` when the site stays closed: somebody else than the run that asks closed it, and opens it
 * @throws Problem `no-closure`, `command-failed`, `command-too-long`, `flag-not-writable`, `not-opened`,
 *   `site-unreachable`; by hand without force also `closed-by-other`, `flag-malformed`, `flag-of-other-target`
 */
export async function openSite(home: Home, input: OpenInput, work: Work): Promise<Undone> {
  const target = home.target(input.target);
  const settings = await closureInForce(target);
  const before = await mayOpen(target.name, settings.flag, input);
  if (before.closed) return leave(settings, before.flag, before.closed);
  const environment = { LOCKKEEPER_RUN: input.runId, LOCKKEEPER_STEP: 'open' };
  const options = { target, runId: input.runId, step: 'open site', environment };
  await runCommands(settings.start, { ...options, timeoutSeconds: settings.timeoutSeconds }, work);
  // Once more: starting may have taken a while.
  const { flag, closed } = await mayOpen(target.name, settings.flag, input);
  if (closed) return leave(settings, flag, closed);
  const at = { target, settings, runId: input.runId, work };
  if (flag.is === 'absent') {
    await afterFlag(at);
    await forgetClosedWhere(target);
    return { note: await whatAnswers(settings, work.signal) };
  }
  if (input.kind === 'run') await mustAnswer(settings, input, work.signal, 'open');
  await removeFlag(at);
  work.progress('the flag is removed; asks the site');
  try {
    await confirmOpen(settings, flag, work.signal);
  } catch (error) {
    // Nobody stands there who could look: what the record says, that it is closed, must be so.
    if (input.kind === 'run' && flag.is === 'closure') {
      await setFlag(settings, flag.closure, { replace: false });
      await switched(at, 'close');
    }
    throw error;
  }
  await forgetClosedWhere(target);
  return {
    note: `${noteOf(flag)}${isStillSo(target, settings) ? '' : `; closed by ${settings.flag}: closure.flag leads elsewhere by now`}`,
  };
}

const isStillSo = (target: Target, { flag }: ClosureSettings): boolean =>
  target.settings.closure !== undefined && closureSettings(target).flag === flag;

/** Nothing was to be opened: how the site answers is told, and is nobody's fault here. */
async function whatAnswers({ url }: ClosureSettings, signal: AbortSignal): Promise<string> {
  const other = await untilSeen(url, isOpen, { waitMs: LOOK_MS, signal });
  return other === null ? 'the site was open already' : `nothing closes the site; ${url}: ${seenText(other)}`;
}

/** What is there, and why a run leaves it. @throws for a person, who can be told and say --force */
async function mayOpen(
  target: string,
  path: string,
  input: OpenInput,
): Promise<{ flag: Flag; closed?: string }> {
  const flag = await readFlag(path);
  const byForce = input.kind === 'hand' && input.force === true;
  if (flag.is === 'absent' || byForce) return { flag };
  if (flag.is === 'closure' && flag.closure.target === target && isOwn(flag.closure, input)) {
    if (input.kind === 'run' || !flag.closure.usedBy) return { flag };
    throw usedByRun(flag.closure, flag.closure.usedBy);
  }
  const problem =
    flag.is === 'strange'
      ? flagMalformed(target, path, flag.why)
      : flag.closure.target === target
        ? closedByOther(flag.closure)
        : flagOfOtherTarget(target, path, flag.closure);
  if (input.kind === 'hand') throw problem;
  return { flag, closed: `not opened: ${problem.message}` };
}

/** Not the run's to open. In one that was made by hand the run is no longer at work. */
async function leave({ flag: path }: ClosureSettings, flag: Flag, closed: string): Promise<Undone> {
  if (flag.is === 'closure' && flag.closure.usedBy) {
    const { usedBy: _, ...closure } = flag.closure;
    await writeFlag(path, closure, { replace: true });
  }
  return { closed };
}

const isOpen = ({ status, closure }: Seen): boolean => closure === null && status < 500;

async function confirmOpen(settings: ClosureSettings, flag: Flag, signal: AbortSignal): Promise<void> {
  const { url } = settings;
  const ofWrites = flag.is === 'closure' && flag.closure.scope === 'writes';
  const other =
    (await untilSeen(url, isOpen, { waitMs: CONFIRM_MS, signal })) ??
    (ofWrites ? await writesOpen(settings, signal) : null);
  if (typeof other === 'string') throw siteUnreachable(url, other, 'open');
  if (other) throw notOpened(url, seenText(other));
}

function noteOf(flag: Exclude<Flag, { is: 'absent' }>): string {
  if (flag.is === 'strange') return 'open: a file that Lockkeeper did not write was removed';
  const ms = Date.now() - Date.parse(flag.closure.since);
  return `open; it was closed for ${duration(Math.max(0, ms))} by ${closerText(flag.closure)}`;
}
