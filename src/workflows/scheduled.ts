import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ParentClosePolicy,
  rootCause,
  setCurrentDetails,
  sleep,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
  type ChildWorkflowHandle,
  type Workflow,
} from '@temporalio/workflow';
import type { BackupsStanding } from '../domain/backups-standing.js';
import type { EventName } from '../domain/notice.js';
import { scheduledKeys, workflowIdOf, type ScheduledRequest } from '../domain/requests.js';
import { scheduledText, type ScheduledState } from '../domain/scheduled-page.js';
import { inWords, wasCancelled } from './failures.js';
import { keys } from './page.js';
import { wellFormed } from './requests.js';
import { backupsStanding } from './steps.js';
import { whyNotTold } from './tell.js';

/** Soon enough after a change, and few events in the history of a long wait. */
const LOOK_AGAIN = 20_000;

/** What a Schedule's run came to. */
export interface ScheduledResult {
  outcome: 'done' | 'skipped';
  says: string;
  backups: BackupsStanding['state'];
}

/**
 * What a Schedule of Temporal starts, under an id of its own: does the work as a child under the target's one id,
 * so that it never meets a change of the target. While one runs it waits, and then it is skipped, which is no
 * failure. Whatever came of it, it sounds the alarm when the last proven backup is older than allowed.
 *
 * @throws ApplicationFailure when the work failed, so that the Schedule may be paused by it
 */
export async function scheduled(request?: ScheduledRequest): Promise<ScheduledResult> {
  const asked = wellFormed(request, scheduledKeys);
  const page = new ScheduledPage(asked);
  const child = await startWhenFree(asked, page);
  if (!child) {
    const says = `skipped: ${workflowIdOf(asked.target)} was at work all the time`;
    return { outcome: 'skipped', says, backups: await page.end('skipped', says) };
  }
  page.show('running', `${workflowIdOf(asked.target)}, run ${child.firstExecutionRunId}`);
  try {
    await child.result();
  } catch (error) {
    if (wasCancelled(error)) throw error;
    const why = rootCause(error) ?? String(error);
    await CancellationScope.nonCancellable(async () => {
      await page.tell('backup-failed', `the scheduled ${asked.do} "${asked.schedule}" failed: ${why}`);
      await page.end('failed', why);
    });
    throw inWords(why, 'failed');
  }
  return { outcome: 'done', says: `${asked.do} done`, backups: await page.end('done', `${asked.do} done`) };
}

/** @returns the run of the work; undefined when the target was not free for so long */
async function startWhenFree(
  { target, schedule, do: work, backup, level, waitMinutes = 0 }: ScheduledRequest,
  page: ScheduledPage,
): Promise<ChildWorkflowHandle<Workflow> | undefined> {
  const until = Date.now() + waitMinutes * 60_000;
  const named =
    work === 'backup' || work === 'expire'
      ? {}
      : { ...(backup ? { backup } : {}), ...(level ? { level } : {}) };
  const options = {
    workflowId: workflowIdOf(target),
    args: [{ target, requestedBy: `schedule ${schedule}`, ...named }],
    // Terminated, pg_dump would go on beneath the next run.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: `${work} ${target}, as scheduled (${schedule})`,
  };
  for (;;) {
    try {
      return await startChild(work, options);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const left = until - Date.now();
    if (left <= 0) return undefined;
    page.show('waiting', `${options.workflowId} is at work; until ${new Date(until).toISOString()}`);
    await sleep(Math.min(LOOK_AGAIN, left));
  }
}

/** What people see of it: its page, its columns in the list, and what they are told. */
class ScheduledPage {
  readonly #asked: ScheduledRequest;
  #shown: ScheduledState | undefined;

  constructor(asked: ScheduledRequest) {
    this.#asked = asked;
    this.show('starting', '');
  }

  show(state: ScheduledState, says: string, backups?: BackupsStanding): void {
    setCurrentDetails(scheduledText(this.#asked, state, says, backups));
    if (this.#shown === state && !backups) return;
    this.#shown = state;
    upsertSearchAttributes([
      { key: keys.LockkeeperTarget, value: this.#asked.target },
      { key: keys.LockkeeperState, value: state },
      ...(backups ? [{ key: keys.LockkeeperBackups, value: backups.state }] : []),
    ]);
  }

  /** @returns how the backups stand, of which people are told when they are too old */
  async end(state: ScheduledState, says: string): Promise<BackupsStanding['state']> {
    const { target } = this.#asked;
    const standing = await backupsStanding({ target, runId: workflowInfo().runId });
    if (standing.state === 'overdue') await this.tell('backup-overdue', standing.says);
    if (standing.keepsakes) await this.tell('keepsake-ends', standing.keepsakes);
    this.show(state, says, standing);
    return standing.state;
  }

  async tell(event: EventName, text: string): Promise<void> {
    const { target } = this.#asked;
    await whyNotTold({ target, runId: workflowInfo().runId, event, text: `${target}: ${text}` });
  }
}
