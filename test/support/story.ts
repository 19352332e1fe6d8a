import { temporal } from '@temporalio/proto';
import { LOCK_BLOCKED, type Blocked } from '../../src/domain/blocked.js';
import type { Outcome, StepName, UndoName } from '../../src/domain/record.js';

type History = temporal.api.history.v1.IHistory;

const b64 = (text: string) => Buffer.from(text).toString('base64');
const payloads = (...values: unknown[]) => ({
  payloads: values.map((value) => ({
    metadata: { encoding: b64('json/plain') },
    data: b64(JSON.stringify(value ?? null)),
  })),
});
const taskQueue = { name: 'test' };
const typeName = (key: string) => `EVENT_TYPE_${key.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()}`;

/**
 * A run told as a story, written as the event history that Temporal would have recorded. Replaying it proves
 * that the workflow asks for these activities, in this order, and for no others, and that it shows its state
 * in between. Needs no server. Arguments and results are not compared: they have tests of their own.
 */
export class Story {
  readonly #events: Record<string, unknown>[] = [];
  #turn = 0;
  #activities = 0;
  #updates = 0;
  #timers = 0;
  #timer = 0;
  #cancelled = false;
  #later = 0;

  /** Whether it looks, in its first step, what an earlier run has left behind. */
  #looksBack: boolean;

  constructor(workflow: string, request: unknown, workflowId = 'lockkeeper:shop') {
    this.#looksBack = ['deploy', 'rollback', 'restore'].includes(workflow);
    this.#add('workflowExecutionStarted', {
      workflowType: { name: workflow },
      workflowId,
      taskQueue,
      input: payloads(request),
      attempt: 1,
      workflowTaskTimeout: { seconds: 10 },
    });
    this.#takeTurn();
    if (workflowId === 'lockkeeper:shop') this.#shows();
  }

  /** The next line of the runbook begins. */
  step(_name: StepName): this {
    this.#shows();
    return this.#looksBack ? this.finds({ what: '', closure: null }) : this;
  }

  /** What was migrated is verified, the release deployed, and well. */
  comesUp(): this {
    const verified = this.step('verify').does('verify');
    return verified.step('deploy').does('startRelease').step('health').does('health');
  }

  /** What an earlier run has left behind. */
  finds(left: { what: string; closure: string | null }): this {
    this.#looksBack = false;
    return this.does('leftBehind', left);
  }

  /** The first line begins, and what an earlier run has left is told next. */
  begins(): this {
    return this.#shows();
  }

  /** The site is closed: its alarm is set, a workflow of its own. */
  setsAlarm(workflowId = 'lockkeeper:shop:maintenance'): this {
    const child = { workflowId, workflowType: { name: 'maintenance' } };
    const initiatedEventId = this.#add('startChildWorkflowExecutionInitiated', {
      ...child,
      namespace: 'default',
      taskQueue,
      workflowTaskCompletedEventId: this.#turn,
    });
    this.#add('childWorkflowExecutionStarted', {
      initiatedEventId,
      workflowExecution: { workflowId, runId: 'alarm' },
      workflowType: child.workflowType,
    });
    return this.#takeTurn();
  }

  /** It starts a child, which ends with this; or fails, with an outcome and words. `shown`: that it runs is news. */
  runs(
    workflow: string,
    workflowId: string,
    came: { result: unknown; shown?: boolean } | { fails: string },
  ): this {
    const child = this.#asksFor(workflow, workflowId);
    const startedEventId = this.#add('childWorkflowExecutionStarted', child);
    this.#takeTurn();
    if ('shown' in came && came.shown) this.#shows();
    const ended = { ...child, startedEventId };
    if ('result' in came)
      this.#add('childWorkflowExecutionCompleted', { ...ended, result: payloads(came.result) });
    else {
      const applicationFailureInfo = { type: came.fails, nonRetryable: true };
      const cause = { message: `it is ${came.fails}`, source: 'TypeScriptSDK', applicationFailureInfo };
      const childWorkflowExecutionFailureInfo = {
        ...{ workflowExecution: child.workflowExecution, workflowType: child.workflowType },
        ...{ namespace: 'default', initiatedEventId: child.initiatedEventId, startedEventId },
      };
      const failure = {
        message: 'Child Workflow execution failed',
        cause,
        childWorkflowExecutionFailureInfo,
      };
      this.#add('childWorkflowExecutionFailed', { ...ended, failure });
    }
    return this.#takeTurn();
  }

  /** It would start a child, and another one runs under that id. */
  isBusy(workflow: string, workflowId: string): this {
    const { workflowExecution: _, ...child } = this.#asksFor(workflow, workflowId);
    const cause = 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS';
    const workflowTaskCompletedEventId = this.#turn;
    this.#add('startChildWorkflowExecutionFailed', {
      ...child,
      workflowId,
      cause,
      workflowTaskCompletedEventId,
    });
    return this.#takeTurn();
  }

  #asksFor(workflow: string, workflowId: string) {
    const workflowType = { name: workflow };
    const initiatedEventId = this.#add('startChildWorkflowExecutionInitiated', {
      ...{ workflowId, workflowType, namespace: 'default', taskQueue },
      workflowTaskCompletedEventId: this.#turn,
    });
    return {
      initiatedEventId,
      workflowType,
      workflowExecution: { workflowId, runId: `run-${initiatedEventId}` },
    };
  }

  /** Nothing happens for so long. */
  after(seconds: number): this {
    this.#later += seconds;
    return this;
  }

  /** It signals a workflow that does not run. */
  signalsInVain(workflowId: string): this {
    const workflowExecution = { workflowId };
    const initiatedEventId = this.#add('signalExternalWorkflowExecutionInitiated', {
      ...{ namespace: 'default', workflowExecution, signalName: 'overdue' },
      workflowTaskCompletedEventId: this.#turn,
    });
    const cause = 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND';
    this.#add('signalExternalWorkflowExecutionFailed', { cause, workflowExecution, initiatedEventId });
    return this.#takeTurn();
  }

  /** A workflow that is no run ends. */
  isOver(): History {
    this.#add('workflowExecutionCompleted', { workflowTaskCompletedEventId: this.#turn });
    return this.#history();
  }

  /** The site is open again, and the list shows it. */
  opens(): this {
    return this.does('openSite').#shows();
  }

  /** An undo begins. */
  undo(_name: UndoName): this {
    return this.#shows();
  }

  /** The plan is known, and its risk, release and hash are shown. */
  planned(): this {
    return this.#shows();
  }

  /** The workflow asks for this activity, and it succeeds. */
  does(activity: string, result: unknown = { note: 'done' }): this {
    const [scheduledEventId, startedEventId] = this.#begin(activity);
    this.#add('activityTaskCompleted', { scheduledEventId, startedEventId, result: payloads(result) });
    return this.#takeTurn();
  }

  /** The workflow does what runs of earlier versions did not, and says so. */
  since(patch: string): this {
    const data = {
      metadata: { encoding: b64('json/plain') },
      data: b64(JSON.stringify({ id: patch, deprecated: false })),
    };
    this.#add('markerRecorded', {
      markerName: 'core_patch',
      details: { 'patch-data': { payloads: [data] } },
      workflowTaskCompletedEventId: this.#turn,
    });
    return this.#shows(); // by the SDK itself, as TemporalChangeVersion
  }

  /** The workflow asks for this activity, and others hold a lock that it needs. */
  isBlockedAt(activity: string, blocked: Blocked): this {
    return this.fails(activity, LOCK_BLOCKED, blocked);
  }

  /** The workflow asks for this activity, and it fails for good, with a problem's words. */
  fails(activity: string, code = 'some-problem', ...facts: object[]): this {
    const [scheduledEventId, startedEventId] = this.#begin(activity);
    const told = { what: `${activity} failed`, next: ['look'], retry: false };
    const applicationFailureInfo = { type: code, nonRetryable: true, details: payloads(told, ...facts) };
    const failure = { message: told.what, source: 'TypeScriptSDK', applicationFailureInfo };
    this.#add('activityTaskFailed', { scheduledEventId, startedEventId, failure });
    return this.#takeTurn();
  }

  /** Nothing is heard of this activity any more: its worker died. */
  isLost(activity: string): this {
    const [scheduledEventId, startedEventId] = this.#begin(activity);
    const timeoutFailureInfo = { timeoutType: 'TIMEOUT_TYPE_HEARTBEAT' };
    const failure = { message: 'activity Heartbeat timeout', source: 'Server', timeoutFailureInfo };
    this.#add('activityTaskTimedOut', { scheduledEventId, startedEventId, failure });
    return this.#takeTurn();
  }

  /** Someone cancels the run during this activity, which then stops. */
  isCancelledDuring(activity: string): this {
    this.#cancelled = true;
    const [scheduledEventId, startedEventId] = this.#begin(activity);
    this.#add('workflowExecutionCancelRequested', {});
    this.#takeTurn();
    this.#add('activityTaskCancelRequested', { scheduledEventId, workflowTaskCompletedEventId: this.#turn });
    this.#add('activityTaskCanceled', { scheduledEventId, startedEventId });
    return this.#takeTurn();
  }

  /** People must decide, and are told so. */
  asks(): this {
    return this.#shows().does('notify');
  }

  /** Someone cancels the run during this activity, which goes on regardless. */
  shrugsOffCancelDuring(activity: string): this {
    const [scheduledEventId, startedEventId] = this.#begin(activity);
    this.#add('workflowExecutionCancelRequested', {});
    this.#takeTurn();
    this.#add('activityTaskCompleted', { scheduledEventId, startedEventId, result: payloads({ note: '' }) });
    return this.#takeTurn();
  }

  /** The workflow begins to wait, at most so long. */
  waits(minutes: number): this {
    const startToFireTimeout = { seconds: minutes * 60 };
    const timerId = String(++this.#timers);
    const workflowTaskCompletedEventId = this.#turn;
    this.#timer = this.#add('timerStarted', { timerId, startToFireTimeout, workflowTaskCompletedEventId });
    return this;
  }

  /** Nothing comes, and the wait is over. */
  inVain(): this {
    this.#add('timerFired', { timerId: String(this.#timers), startedEventId: this.#timer });
    return this.#takeTurn();
  }

  /** Something was heard that ends the wait. */
  goesOn(): this {
    this.#add('timerCanceled', {
      timerId: String(this.#timers),
      startedEventId: this.#timer,
      workflowTaskCompletedEventId: this.#turn,
    });
    return this;
  }

  /** The gate is closed: who sent what is looked up, and the next line begins. */
  decided(): this {
    return this.does('whoSent', []);
  }

  /** The run no longer waits, and shows so. */
  undecided(): this {
    return this.#shows();
  }

  /** A person sends this update, and the handler refuses it in words. */
  isTurnedAway(name: string, message: unknown): this {
    return this.hears(name, message, { failure: { message: 'refused', applicationFailureInfo: {} } });
  }

  /** Someone cancels the run while it waits for people. */
  isCancelledWhileWaiting(): this {
    this.#cancelled = true;
    this.#add('workflowExecutionCancelRequested', {});
    this.#takeTurn();
    return this.goesOn().undecided();
  }

  /** An undo failed, and the run waits for a person. */
  waitsForRepair(): this {
    return this.#shows().#remembers().does('notify');
  }

  /** A person sends this update, and it is taken. */
  hears(name: string, message: unknown, outcome: object = { success: payloads('taken') }): this {
    this.#takeTurn();
    const meta = { updateId: `u${++this.#updates}` };
    const acceptedRequest = { meta, input: { name, args: payloads(message) } };
    const acceptedEventId = this.#add('workflowExecutionUpdateAccepted', {
      protocolInstanceId: meta.updateId,
      acceptedRequestMessageId: `${meta.updateId}/request`,
      acceptedRequestSequencingEventId: this.#turn - 2,
      acceptedRequest,
    });
    this.#add('workflowExecutionUpdateCompleted', { meta, acceptedEventId, outcome });
    return this;
  }

  /** A person sends this signal. */
  isSent(signalName: string, message: unknown): this {
    this.#add('workflowExecutionSignaled', { signalName, input: payloads(message) });
    return this.#takeTurn();
  }

  /** The run ends, its record is kept, and Temporal shows the run as what it came to. */
  ends(outcome: Outcome): History {
    this.#shows().#remembers().does('notify').does('keepRecord', null);
    const workflowTaskCompletedEventId = this.#turn;
    if (outcome === 'done') this.#add('workflowExecutionCompleted', { workflowTaskCompletedEventId });
    else if (this.#cancelled && outcome !== 'needs operator')
      this.#add('workflowExecutionCanceled', { workflowTaskCompletedEventId });
    else this.#add('workflowExecutionFailed', { workflowTaskCompletedEventId });
    return this.#history();
  }

  /** A workflow that is no run ends with a result. */
  returns(): History {
    this.#add('workflowExecutionCompleted', { workflowTaskCompletedEventId: this.#turn });
    return this.#history();
  }

  /** The run is refused in its first line: no record, nothing asked for. */
  isRefused(): History {
    this.#add('workflowExecutionFailed', { workflowTaskCompletedEventId: this.#turn });
    return this.#history();
  }

  /** A signal comes during this activity, and is shown. */
  isSentDuring(activity: string, signalName: string, message: unknown): this {
    const [scheduledEventId, startedEventId] = this.#begin(activity);
    this.isSent(signalName, message).#shows();
    this.#add('activityTaskCompleted', { scheduledEventId, startedEventId, result: payloads({ note: '' }) });
    return this.#takeTurn();
  }

  #history = (): History => temporal.api.history.v1.History.fromObject({ events: this.#events });

  /** Search attributes are sent when what they show has changed. */
  #shows(): this {
    this.#add('upsertWorkflowSearchAttributes', { workflowTaskCompletedEventId: this.#turn });
    return this;
  }

  /** The outcome goes into the memo. */
  #remembers(): this {
    this.#add('workflowPropertiesModified', { workflowTaskCompletedEventId: this.#turn });
    return this;
  }

  #begin(activity: string): [scheduled: number, started: number] {
    const scheduled = this.#add('activityTaskScheduled', {
      activityId: String(++this.#activities),
      activityType: { name: activity },
      taskQueue,
      workflowTaskCompletedEventId: this.#turn,
    });
    return [scheduled, this.#add('activityTaskStarted', { scheduledEventId: scheduled, attempt: 1 })];
  }

  /** The workflow looks at what is new. The flags make the replay compare activity names too. */
  #takeTurn(): this {
    const scheduledEventId = this.#add('workflowTaskScheduled', { taskQueue, attempt: 1 });
    const startedEventId = this.#add('workflowTaskStarted', { scheduledEventId });
    const sdkMetadata = { coreUsedFlags: [1, 2, 3], langUsedFlags: [1, 2, 3] };
    this.#turn = this.#add('workflowTaskCompleted', { scheduledEventId, startedEventId, sdkMetadata });
    return this;
  }

  #add(type: string, attributes: Record<string, unknown>): number {
    const eventId = this.#events.length + 1;
    const eventTime = { seconds: 1_790_000_000 + eventId + this.#later };
    const eventType = typeName(type);
    this.#events.push({ eventId, eventTime, eventType, [`${type}EventAttributes`]: attributes });
    return eventId;
  }
}
