import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { phasesIdOf, whyBadPhases, type PhasesRequest } from '../domain/phases/request.js';
import type { PlannedChange, PlannedPhase } from '../domain/phases/settings.js';
import type { PhasesStatus } from '../domain/phases/status.js';
import { badRequest } from '../domain/problems/run.js';
import type { EventName } from '../domain/notice.js';
import { assertWorkflowId, failureOfError, failWith, wasCancelled, wordsOf } from './failures.js';
import { act } from './phases-act.js';
import { giveUp, goBack } from './phases-back.js';
import { PhasesWatch } from './phases-watch.js';
import { waitFor } from './phases-wait.js';
import { beginPhases, keepPhases, lookAtPhase, noteStatements } from './steps.js';
import { whyNotTold } from './tell.js';

/** What a change in phases ends with. */
export interface PhasesResult {
  outcome: 'done' | 'abandoned';
  says: string;
}

/** What is handed from phase to phase. */
export interface PhasesRun {
  asked: PhasesRequest;
  plan: PlannedChange;
  watch: PhasesWatch;
  tell: (event: EventName, text: string) => Promise<void>;
  keep: (closed?: string) => Promise<void>;
}

/**
 * Takes a change through expand, deploy, backfill, constrain and contract, over days if need be. It changes nothing itself:
 * each phase is an ordinary run under the target's one id, or a backfill beside it. Between them others may run.
 *
 * @throws ApplicationFailure when it cannot begin; CancelledFailure when cancelled. Later it waits for a person instead
 */
export async function phases(request?: PhasesRequest): Promise<PhasesResult> {
  const why = whyBadPhases(request);
  if (why) throw failWith(badRequest(why));
  const asked = request as PhasesRequest;
  assertWorkflowId(phasesIdOf(asked.target, asked.change), `the change ${asked.change} of ${asked.target}`);
  const watch = new PhasesWatch(asked);
  const run = runOf(asked, asked.carried?.plan ?? (await begin(asked, watch)), watch);
  for (;;) {
    if (watch.wanted.abandon) {
      if (await giveUp(run)) return end(run, 'abandoned', 'all that was done is taken back');
      continue;
    }
    if (watch.wanted.back) await goBack(run);
    const line = watch.next();
    if (!line) return end(run, 'done', 'all phases are done');
    const phase = run.plan.phases.find((each) => each.phase === line.phase)!;
    if ((await waitFor(run, phase)) === 'begin') await once(run, phase);
    if (workflowInfo().continueAsNewSuggested) await goOnAnew(run);
  }
}

async function begin(
  { target, change, settings }: PhasesRequest,
  watch: PhasesWatch,
): Promise<PlannedChange> {
  const { runId } = workflowInfo();
  const { plan, ...found } = await beginPhases({ target, runId, change, ...(settings ? { settings } : {}) });
  watch.show(found);
  return plan;
}

function runOf(asked: PhasesRequest, plan: PlannedChange, watch: PhasesWatch): PhasesRun {
  const { target, change } = asked;
  const { runId } = workflowInfo();
  return {
    ...{ asked, plan, watch },
    tell: async (event, text) => {
      await whyNotTold({ target, runId, event, text: `${target}: ${change}: ${text}` });
    },
    keep: async (closed) => {
      await keepPhases({ target, runId, change, status: watch.status, ...(closed ? { closed } : {}) });
    },
  };
}

/** Looks whether all is as it was left, and does the phase. What fails waits for a person. */
async function once(run: PhasesRun, planned: PlannedPhase): Promise<void> {
  const { watch, asked } = run;
  const { phase } = planned;
  try {
    const seen = await look(run, planned);
    if (seen === 'stays') return;
    if (seen.revisions === 0 && phase !== 'deploy' && phase !== 'backfill')
      return watch.line(phase, { state: 'nothing to do', says: 'it is in the database already' });
    const by = run.watch.by ?? watch.status.requestedBy;
    const came = await act(watch, { asked, plan: run.plan, phase: planned, running: seen.running, by });
    if (came === 'later') return watch.line(phase, { state: 'to do', says: '' });
    if ('failure' in came) return await needPerson(run, planned, wordsOf(came.failure), came.failure);
    watch.line(phase, { state: 'done', ended: new Date().toISOString(), ...came.done });
    const { planHash } = came.done;
    if (planHash) watch.show({ plans: [...watch.status.plans, planHash].slice(-30) });
    watch.forget();
    watch.say(`${phase} is done`);
    if (phase === 'deploy') await note(run);
    await run.keep();
  } catch (error) {
    if (wasCancelled(error)) throw error;
    const failure = failureOfError(error);
    await needPerson(run, planned, wordsOf(failure), failure);
  }
}

/** What ran until now is old code's: what still grows later is told by it. Without it other evidence remains. */
async function note({ asked: { target }, watch }: PhasesRun): Promise<void> {
  const { note: says } = await noteStatements({ target, runId: workflowInfo().runId }).catch(
    (error: unknown) => {
      if (wasCancelled(error)) throw error;
      return { note: `statements were not noted: ${wordsOf(failureOfError(error))}` };
    },
  );
  watch.say(says);
}

/** @returns `stays` when a person must look first */
async function look(run: PhasesRun, { phase, release }: PlannedPhase) {
  const { watch, asked } = run;
  const { target, change } = asked;
  const { runId } = workflowInfo();
  const { lines } = watch.status;
  watch.line(phase, { state: 'running', says: 'looks whether all is as it was left' });
  watch.show({ state: 'running', phase, says: '', next: [], until: null });
  const accepted = watch.accepted;
  const seen = await lookAtPhase({ target, runId, change, phase, release, lines, accepted });
  watch.found = seen.found.filter(({ canGo }) => canGo).map(({ says }) => says);
  if (!seen.found.length) return seen;
  await needPerson(run, { phase }, seen.found.map(({ says }) => says).join('; '));
  return 'stays' as const;
}

async function needPerson(
  { watch, tell, keep }: PhasesRun,
  { phase }: Pick<PlannedPhase, 'phase'>,
  says: string,
  failure: PhasesStatus['failure'] = null,
): Promise<void> {
  watch.needsPerson(phase, says, failure);
  await keep();
  await tell('ended', `${phase}: a person must look: ${says}`);
}

async function end(
  { watch, tell, keep }: PhasesRun,
  outcome: PhasesResult['outcome'],
  says: string,
): Promise<PhasesResult> {
  watch.show({ state: outcome, phase: null, says, next: [], until: null, failure: null });
  watch.say(says);
  await keep(outcome);
  await tell('ended', `${outcome}: ${says}`);
  await condition(allHandlersFinished);
  return { outcome, says };
}

async function goOnAnew({ asked, plan, watch }: PhasesRun): Promise<void> {
  await condition(allHandlersFinished);
  const { wanted, status } = watch;
  if (wanted.go || wanted.back || wanted.abandon) return; // said just now: that first
  const { paused, hold } = wanted;
  const { went, overruled } = watch;
  const said = { ...(went ? { went } : {}), ...(overruled ? { overruled } : {}) };
  await continueAsNew<typeof phases>({ ...asked, carried: { plan, status, paused, hold, ...said } });
}
