import { workflowInfo } from '@temporalio/workflow';
import type { PhaseName } from '../domain/phases/settings.js';
import { backTargetOf, lastDoneOf, type PhaseLine } from '../domain/phases/status.js';
import type { Message } from '../domain/record.js';
import { workflowIdOf, type RollbackRequest, type RunResult } from '../domain/requests.js';
import { failureOfError, wasCancelled, wordsOf } from './failures.js';
import { TAKEN_BACK } from './phases-act.js';
import { childOf } from './phases-child.js';
import type { PhasesRun } from './phases.js';
import { forgetFills } from './steps.js';

/** Takes back the phase that was done last. Nothing begins after it before somebody says so. */
export async function goBack(run: PhasesRun): Promise<void> {
  const { watch } = run;
  const { back } = watch.wanted;
  watch.wanted.back = null;
  watch.wanted.hold = true;
  const line = backTargetOf(watch.status.lines);
  if (back && line) await takeBack(run, line, back);
  await run.keep();
}

/** @returns whether all is taken back; else a person must look */
export async function giveUp(run: PhasesRun): Promise<boolean> {
  const { watch, asked, plan } = run;
  const { abandon } = watch.wanted;
  watch.wanted.abandon = null;
  watch.wanted.back = null;
  watch.wanted.hold = true;
  for (let line = lastDoneOf(watch.status.lines); line; line = lastDoneOf(watch.status.lines))
    if (!(await takeBack(run, line, abandon ?? {}))) return false;
  const { target, change } = asked;
  const fills = plan.fills.map(({ name }) => name);
  try {
    const { note } = await forgetFills({ target, change, runId: workflowInfo().runId, fills });
    watch.say(note);
  } catch (error) {
    if (wasCancelled(error)) throw error;
    return stays(run, wordsOf(failureOfError(error)));
  }
  return true;
}

/** @returns whether it is taken back */
async function takeBack(run: PhasesRun, line: PhaseLine, { by = 'not said' }: Message): Promise<boolean> {
  const { watch, asked } = run;
  watch.forget();
  watch.show({
    state: 'going back',
    phase: line.phase,
    says: `${line.phase} is taken back`,
    next: [],
    until: null,
  });
  if (line.phase === 'backfill') return taken(run, line.phase, TAKEN_BACK);
  const { target } = asked;
  const way = wayOf(line);
  if (typeof way === 'string') return stays(run, way);
  const request: RollbackRequest = { target, requestedBy: by, ...way, over: watch.status.plans };
  const came = await childOf<RunResult>(watch, {
    ...{ workflow: 'rollback', workflowId: workflowIdOf(target), request, phase: line.phase },
  });
  if (came && 'result' in came) return taken(run, line.phase, `taken back by run ${came.runId}`);
  watch.line(line.phase, line); // it stands as it stood
  return stays(
    run,
    came ? wordsOf(came.failure) : `${line.phase} was not taken back: something else was wanted meanwhile`,
    came?.failure.next,
  );
}

/** How a rollback finds it; or why it can not, in words. */
function wayOf({ phase, before, planHash }: PhaseLine): Pick<RollbackRequest, 'to' | 'only'> | string {
  if (planHash === undefined) return `which run has done ${phase} is not known: take it back by hand`;
  if (phase !== 'deploy') return { only: 'schema' };
  return before ? { to: before } : 'which release ran before is not known: deploy it by hand, then abandon';
}

function taken({ watch }: PhasesRun, phase: PhaseName, says: string): true {
  const lines = watch.status.lines.map((line): PhaseLine =>
    line.phase === phase ? { phase, state: 'taken back', says } : line,
  );
  watch.show({ lines });
  watch.say(`${phase} is taken back`);
  return true;
}

/** What was done stays; the phase that is next asks for a person. */
async function stays(run: PhasesRun, says: string, next: readonly string[] = []): Promise<false> {
  const { watch, keep, tell } = run;
  const { phase = 'contract' } = watch.next() ?? {};
  const failure = { code: 'not-taken-back', what: says, next };
  watch.needsPerson(phase, `going back: ${says}`, failure);
  await keep();
  await tell('ended', `a person must look: going back: ${says}`);
  return false;
}
