import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { backfillIdOf, whyBadBackfill, type BackfillRequest } from '../domain/backfill/request.js';
import { endText, isClean } from '../domain/backfill/status.js';
import type { BackfillStretch } from '../domain/backfill/stretch.js';
import { badRequest } from '../domain/problems/run.js';
import type { Failure } from '../domain/record.js';
import { BackfillWatch } from './backfill-watch.js';
import { assertWorkflowId, failureOfError, failWith, wasCancelled, wordsOf } from './failures.js';
import { beginBackfill, workOnBackfill } from './steps.js';
import { whyNotTold } from './tell.js';

/** What a backfill ends with. */
export interface BackfillResult {
  outcome: 'done' | 'stopped';
  says: string;
  changed: number;
}

/** Short at first, so that people see soon how it goes; then few events in the history of a long one. */
const STRETCH_MS = [3_000, 5_000, 15_000];
const LONG_STRETCH_MS = 60_000;

/**
 * Changes the rows of a table in batches, over days if need be. It lives beside the target's run: it changes rows only, in
 * short transactions, and does nothing while that run changes the database or has the site closed.
 *
 * @throws ApplicationFailure when it cannot begin; CancelledFailure when cancelled. Later it waits for a person instead
 */
export async function backfill(request?: BackfillRequest): Promise<BackfillResult> {
  const why = whyBadBackfill(request);
  if (why) throw failWith(badRequest(why));
  const asked = request as BackfillRequest;
  assertWorkflowId(backfillIdOf(asked.target, asked.name), `the backfill ${asked.name} of ${asked.target}`);
  const watch = new BackfillWatch(asked);
  if (!asked.carried) await begin(asked, watch, asked.again ?? false);
  let paced: Pick<BackfillStretch, 'share' | 'batchRows'> | undefined;
  for (let turns = 0; ; turns += 1) {
    await whilePaused(asked, watch);
    if (watch.wanted.stopped !== null) return end(watch, 'stopped', `stopped by ${watch.wanted.stopped}`);
    const stretch = await workFor(STRETCH_MS[turns] ?? LONG_STRETCH_MS, asked, watch, paced);
    if (stretch) paced = stretch;
    if (stretch?.is === 'over') {
      if (isClean(stretch.standing)) return end(watch, 'done', endText(stretch.standing));
      await needPerson(watch, `it ended with rows left: ${endText(stretch.standing)}`);
    }
    if (workflowInfo().continueAsNewSuggested) await goOnAnew(asked, watch);
  }
}

async function begin(
  { target, name, settings }: BackfillRequest,
  watch: BackfillWatch,
  again: boolean,
): Promise<void> {
  const { runId } = workflowInfo();
  const { notes, standing } = await beginBackfill({ target, name, runId, settings, again });
  watch.show({ notes, standing, state: 'running' });
}

/** One that was ended by something to mend begins again: its table may be another by now. */
async function whilePaused(asked: BackfillRequest, watch: BackfillWatch): Promise<void> {
  const { wanted } = watch;
  while (wanted.paused && wanted.stopped === null) {
    const before = watch.status.state;
    if (before !== 'needs a person') watch.show({ state: 'paused', says: watch.status.said.at(-1) ?? '' });
    await condition(() => !wanted.paused || wanted.stopped !== null);
    if (before !== 'needs a person' || wanted.stopped !== null) continue;
    try {
      await begin(asked, watch, false);
    } catch (error) {
      if (wasCancelled(error)) throw error;
      const failure = failureOfError(error);
      watch.needsPerson(wordsOf(failure), failure);
    }
  }
}

/** @returns undefined when people interrupted it, or it failed of something that a person must mend */
async function workFor(
  forMs: number,
  { target, name }: BackfillRequest,
  watch: BackfillWatch,
  paced: Pick<BackfillStretch, 'share' | 'batchRows'> | undefined,
): Promise<BackfillStretch | undefined> {
  const { runId } = workflowInfo();
  const scope = new CancellationScope();
  watch.interrupt = () => scope.cancel();
  if (!['running', 'held'].includes(watch.status.state)) watch.show({ state: 'running', says: '' });
  const how = paced?.batchRows ? { share: paced.share, batchRows: paced.batchRows } : {};
  const { rowsPerSecond } = watch.wanted;
  try {
    const stretch = await scope.run(() =>
      workOnBackfill({ target, name, runId, rowsPerSecond, forMs, ...how }),
    );
    watch.took(stretch);
    if (stretch.is === 'outside hours') await untilHours(watch, stretch);
    return stretch;
  } catch (error) {
    if (isCancellation(error)) {
      if (CancellationScope.current().consideredCancelled)
        throw new CancelledFailure('cancelled: what is done stays');
      return undefined;
    }
    const failure = failureOfError(error);
    await needPerson(watch, wordsOf(failure), failure);
    return undefined;
  } finally {
    watch.interrupt = () => undefined;
  }
}

async function untilHours(watch: BackfillWatch, { until = '' }: BackfillStretch): Promise<void> {
  watch.show({ state: 'outside hours', says: `it goes on at ${until}` });
  const { wanted } = watch;
  const ms = Math.max(1_000, Date.parse(until) - Date.now());
  await condition(() => wanted.paused || wanted.stopped !== null, ms, { summary: 'outside its hours' });
}

async function needPerson(watch: BackfillWatch, says: string, failure: Failure | null = null): Promise<void> {
  watch.needsPerson(says, failure);
  await tell(watch, `a person must look: ${says}`);
}

async function end(
  watch: BackfillWatch,
  outcome: BackfillResult['outcome'],
  says: string,
): Promise<BackfillResult> {
  watch.show({ state: outcome, says });
  await tell(watch, `${outcome}: ${says}`);
  await condition(allHandlersFinished);
  return { outcome, says, changed: watch.status.standing?.changed ?? 0 };
}

const tell = ({ status: { target, name } }: BackfillWatch, text: string): Promise<string | undefined> =>
  whyNotTold({
    target,
    runId: workflowInfo().runId,
    event: 'ended',
    text: `${target}: backfill ${name}: ${text}`,
  });

async function goOnAnew(asked: BackfillRequest, { wanted, status }: BackfillWatch): Promise<void> {
  await condition(allHandlersFinished);
  const { stretches, notes, said } = status;
  const carried = { paused: wanted.paused, rowsPerSecond: wanted.rowsPerSecond, stretches, notes, said };
  const { again: _, ...rest } = asked;
  await continueAsNew<typeof backfill>({ ...rest, carried });
}
