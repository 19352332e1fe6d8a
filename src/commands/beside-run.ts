import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { hasWorker } from '../client.js';
import { failureFrom, isTold } from '../domain/failures.js';
import { noWorker } from '../domain/problems/temporal.js';
import { interrupted } from '../domain/problems/use.js';
import type { Failure } from '../domain/record.js';
import type { Target } from '../local.js';
import { temporal } from '../temporal-client.js';
import type { Io } from './io.js';
import { leaveOnInterrupt } from './work.js';

/** A workflow that lives beside the target's run: a backfill, a change in phases. */
export interface Beside {
  workflow: 'backfill' | 'phases';
  workflowId: string;
  request: object;
  /** One line for Temporal's list. */
  summary: string;
  /** What to throw where one of that id runs. */
  runs: () => Error;
}

/** @throws Problem `no-worker`; what `runs` gives */
export async function startBeside(
  client: Client,
  { config: { taskQueue } }: Target,
  { workflow, workflowId, request, summary, runs }: Beside,
): Promise<WorkflowHandle> {
  if (!(await hasWorker(client, taskQueue))) throw noWorker(taskQueue);
  try {
    return await client.workflow.start(workflow, {
      ...{ workflowId, taskQueue, args: [request], staticSummary: summary },
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    if (error instanceof temporal.WorkflowExecutionAlreadyStartedError) throw runs();
    throw error;
  }
}

export const statusOf = <S>(handle: WorkflowHandle): Promise<S> => handle.query<S>('status');

const BEGUN_EVERY_MS = 200;

/**
 * Waits until it has looked at what it is to do.
 *
 * @param failed - what to throw where it ended instead
 */
export async function begun<S extends { state: string }>(
  handle: WorkflowHandle,
  failed: (failure: Failure) => Error,
): Promise<S> {
  for (;;) {
    const status = await statusOf<S>(handle);
    if (status.state !== 'starting') return status;
    const { status: is } = await handle.describe();
    if (is.name !== 'RUNNING') throw failed(await whyEnded(handle));
    await sleep(BEGUN_EVERY_MS);
  }
}

interface Cause {
  message: string;
  type?: string;
  details?: readonly unknown[];
  cause?: Cause;
}

/** In its own words, whatever Temporal wraps them in. */
async function whyEnded(handle: WorkflowHandle): Promise<Failure> {
  const error = await handle.result().then(
    () => null,
    (failure: unknown) => failure,
  );
  for (let cause = error as Cause | null | undefined; cause; cause = cause.cause)
    if (isTold(cause.details?.[0])) return failureFrom(cause.type ?? '', cause.details[0]);
  const cause = (error as Cause | null)?.cause;
  return { code: 'unforeseen', what: cause?.message ?? String(error), next: [] };
}

const WATCH_EVERY_MS = 1_000;

/** How one is shown while it goes on. */
export interface Shown<S> {
  /** Such as `the backfill cents`. */
  what: string;
  /** What prints how it stands, and what pauses it: commands. */
  see: string;
  pause: string;
  show: (status: S) => void;
  /** Whether it has ended or asks for a person. */
  isLast: (status: S) => boolean;
}

/** Shows it whenever it is another, until it ends or asks for a person. Ctrl-C leaves it alone. */
export async function watchBeside<S extends { at: string }>(
  handle: WorkflowHandle,
  { what, see, pause, show, isLast }: Shown<S>,
  io: Io,
): Promise<S> {
  const goesOn = interrupted(`${what} goes on`, [`see it: ${see}`, `or pause it: ${pause}`]);
  const listenNoMore = leaveOnInterrupt(goesOn, io);
  try {
    for (let shown = ''; ; await sleep(WATCH_EVERY_MS)) {
      const status = await statusOf<S>(handle);
      const last = isLast(status);
      if (status.at !== shown && (last || !io.json)) show(status);
      shown = status.at;
      if (last) return status;
    }
  } finally {
    listenNoMore();
  }
}
