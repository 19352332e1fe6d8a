import { Context } from '@temporalio/activity';
import type { Work } from './work.js';

const BEAT_EVERY_MS = 4_000;

/**
 * Runs a step so that Temporal knows that it is alive and can cancel it: beats with what the step last said,
 * and gives it a signal that aborts on cancellation. A worker that is asked to stop lets its steps finish:
 * killing `alembic` half way is worse than waiting for it.
 *
 * @param options.endsWithWorker - for what only watches: it ends with its worker, and the next one goes on
 * @throws CancelledFailure when cancelled, whatever the interrupted tool threw
 */
export async function alive<T>(
  step: (work: Work) => Promise<T>,
  { endsWithWorker = false } = {},
): Promise<T> {
  // Taken here: a cancellation comes from outside of this step, where there is no current context.
  const context = Context.current();
  const asked = context.cancellationSignal;
  const stop = new AbortController();
  const onAbort = () => {
    if (!context.cancellationDetails?.workerShutdown) stop.abort(asked.reason);
    else if (endsWithWorker) stop.abort(new Error('the worker stops: the next one goes on'));
  };
  asked.addEventListener('abort', onAbort);
  if (asked.aborted) onAbort();
  let said = '';
  const beat = setInterval(() => context.heartbeat(said), BEAT_EVERY_MS);
  context.heartbeat(said);
  try {
    const progress = (text: string) => void (said = text.slice(0, 300));
    return await step({ signal: stop.signal, progress, attempt: context.info.attempt });
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearInterval(beat);
    asked.removeEventListener('abort', onAbort);
  }
}
