import { readFlag } from '../adapters/closure/flag.js';
import { seenText, untilSeen } from '../adapters/closure/probe.js';
import { compose } from '../adapters/compose/project.js';
import { closureText, handOf, type Closure } from '../domain/closure.js';
import { EMERGENCY, type Came, type EmergencyFact } from '../domain/emergency.js';
import { Problem } from '../domain/problem.js';
import { nothingStops, stillServed } from '../domain/problems/emergency.js';
import { closureIfAny, keepClosedWhere } from './closed-where.js';
import type { ClosureSettings } from './closure-settings.js';
import { runCommands } from './commands.js';
import { composeOf } from './compose/target.js';
import { noteEmergency } from './emergency-log.js';
import type { Target } from './home.js';
import { setFlag, switched } from './site-switch.js';
import { noteStopped } from './stopped.js';
import type { Work } from './work.js';

const CONFIRM_MS = 3_000;

/**
 * Does one thing of an emergency and notes what came of it. What fails does not keep the others from being done.
 *
 * @param act - what is done
 */
export async function inEmergency(
  target: Target,
  by: string,
  what: string,
  act: () => Promise<Came>,
): Promise<EmergencyFact> {
  const fact = await act().then(
    (came) => ({ by, what, ok: true, ...factOf(came) }),
    (error: unknown) => ({ by, what, came: whyNot(error), ok: false }),
  );
  await noteEmergency(target, fact);
  return { at: new Date().toISOString(), ...fact };
}

function factOf(came: Came): Pick<EmergencyFact, 'came' | 'nothing' | 'left'> {
  if (typeof came === 'string') return { came };
  return 'left' in came ? { came: came.left, left: true } : { came: came.nothing, nothing: true };
}

const whyNot = (error: unknown): string => (error instanceof Problem ? error.message : String(error));

/**
 * Closes the site by its flag, whoever has closed it before: a run that is cancelled would open it again. That it is
 * closed is looked for, but a site that does not answer is no reason to leave the flag away.
 *
 * @throws Problem `flag-not-writable`; `still-served` when it answers as before
 */
export async function closeNow(target: Target, by: string, work: Work): Promise<Came> {
  const settings = await closureIfAny(target);
  if (!settings) return { nothing: 'lockkeeper.yaml has no closure for it' };
  const flag = await readFlag(settings.flag);
  if (flag.is === 'strange') return `closed by a file that Lockkeeper did not write: ${settings.flag}`;
  const before = flag.is === 'closure' ? flag.closure : null;
  if (before?.kind !== 'hand' || before.scope === 'writes') {
    await keepClosedWhere(target, settings);
    await setFlag(settings, byHand(target, by, settings, before), { replace: true });
    await switched({ target, settings, runId: handOf(target.name, by).runId, work }, 'close');
  }
  const was = before ? `; before that it was ${closureText(before, Date.now())}` : '';
  return `${await whatAnswers(target, settings, work.signal)}${isOurs(before) ? ', as before' : was}`;
}

const isOurs = (closure: Closure | null): boolean => closure?.kind === 'hand' && closure.reason === EMERGENCY;

function byHand(target: Target, by: string, { minutes }: ClosureSettings, before: Closure | null): Closure {
  const now = new Date();
  const { kind, runId } = handOf(target.name, by);
  const deadline = new Date(now.getTime() + minutes * 60_000).toISOString();
  const since = before?.since ?? now.toISOString();
  return { formatVersion: 1, target: target.name, kind, by, runId, reason: EMERGENCY, since, deadline };
}

async function whatAnswers(target: Target, { url }: ClosureSettings, signal: AbortSignal): Promise<string> {
  const other = await untilSeen(url, (seen) => seen.status === 503 && seen.closure === target.name, {
    waitMs: CONFIRM_MS,
    signal,
  });
  if (other === null) return 'every request is answered 503 with the page';
  // Who answers nothing serves nobody, and finds the flag when it is back.
  if (typeof other === 'string') return `the flag is set; nothing answers at ${url} (${other})`;
  throw stillServed(target.name, url, seenText(other));
}

/** Stops what else writes, by the commands of `closure.stop`. */
export async function stopWriters(target: Target, work: Work): Promise<Came> {
  const settings = await closureIfAny(target);
  if (!settings?.stop.length) return { nothing: 'lockkeeper.yaml names none (closure.stop)' };
  await stopBy(settings, 'close', target, work);
  return 'stopped';
}

/**
 * Stops the application by the target's own commands, or by compose where that starts it.
 *
 * @throws Problem `nothing-stops` where nobody has said how; those of commands and of compose
 */
export async function stopApplication(target: Target, by: string, work: Work): Promise<string> {
  const { deploy } = target.settings;
  const of = deploy?.stop.length ? null : await composeOf(target, work.signal);
  if (of) {
    await compose(of.project, ['stop', ...of.services], { signal: work.signal });
  } else {
    if (!deploy?.stop.length) throw nothingStops(target.name);
    await stopBy(deploy, 'stop', target, work);
  }
  await noteStopped(target, by);
  return 'stopped';
}

/** @param step - as the commands are told it */
async function stopBy(
  { stop, timeoutSeconds }: Pick<ClosureSettings, 'stop' | 'timeoutSeconds'>,
  step: 'close' | 'stop',
  target: Target,
  work: Work,
): Promise<void> {
  const { runId } = handOf(target.name, '');
  const environment = { LOCKKEEPER_RUN: runId, LOCKKEEPER_STEP: step };
  await runCommands(stop, { target, runId, step: 'stop', environment, timeoutSeconds }, work);
}
