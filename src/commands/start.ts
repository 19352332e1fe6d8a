import type { Client, WorkflowHandle } from '@temporalio/client';
import { connected, hasWorker, latestRun } from '../client.js';
import { exitCodeOf, exitCodes } from '../domain/exit-codes.js';
import { alreadyRunning, noWorker } from '../domain/problems/temporal.js';
import type { RunKind } from '../domain/record.js';
import { workflowIdOf } from '../domain/requests.js';
import { runJson } from '../report/run-json.js';
import { homeAt, type Target } from '../local.js';
import { temporal } from '../temporal-client.js';
import { follow } from './follow.js';
import type { GlobalOptions, Io } from './io.js';
import { whoAmI } from './who.js';
import { leaveOnInterrupt, runGoesOn } from './work.js';

export interface Start<R> {
  workflow: RunKind;
  request: Omit<R, 'target' | 'requestedBy'>;
  /** One line for Temporal's list. */
  summary: (target: string) => string;
  /** Start it and go: do not wait for its end. */
  detach?: boolean | undefined;
}

/**
 * Starts a workflow under the target's one id, and shows it to its end.
 *
 * @returns an exit code
 * @throws Problem `no-worker`, `already-running`, or why Temporal can not be reached
 */
export async function startRun<R>(
  targetName: string | undefined,
  options: GlobalOptions,
  io: Io,
  start: Start<R>,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  return connected(target.config.state, async (client) => {
    if (!(await hasWorker(client, target.config.taskQueue))) throw noWorker(target.config.taskQueue);
    const handle = await begin(client, target, start);
    const { workflowId, firstExecutionRunId: runId } = handle;
    const about = `${start.summary(target.name)}: workflow ${workflowId}, run ${runId}`;
    if (start.detach) {
      io.say(about);
      if (io.json) io.out(JSON.stringify({ schemaVersion: 1, workflowId, runId }, null, 2));
      return exitCodes.done;
    }
    return showToEnd(client, handle, target, about, io);
  });
}

async function begin<R>(client: Client, target: Target, { workflow, request, summary }: Start<R>) {
  const workflowId = workflowIdOf(target.name);
  try {
    return await client.workflow.start(workflow, {
      workflowId,
      taskQueue: target.config.taskQueue,
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [{ target: target.name, requestedBy: whoAmI(), ...request }],
      staticSummary: summary(target.name),
      staticDetails:
        'What happens, step by step, is under "Current Details" beside this; press R to refresh it. ' +
        `By CLI: \`lockkeeper status ${target.name} --watch\``,
    });
  } catch (error) {
    if (!(error instanceof temporal.WorkflowExecutionAlreadyStartedError)) throw error;
    const run = await latestRun(client, workflowId);
    throw alreadyRunning(target.name, workflowId, `a ${run?.type ?? 'run'}`);
  }
}

/** Ctrl-C leaves the run alone: it is Temporal's, not this terminal's. */
async function showToEnd(
  client: Client,
  handle: WorkflowHandle,
  target: Target,
  about: string,
  io: Io,
): Promise<number> {
  const listenNoMore = leaveOnInterrupt(runGoesOn(target.name), io);
  try {
    io.say(about);
    const record = await follow(client, handle, target, io);
    if (io.json) io.out(JSON.stringify(runJson(record), null, 2));
    else io.say(`Report: lockkeeper report ${target.name}`);
    return exitCodeOf(record.outcome);
  } finally {
    listenNoMore();
  }
}
