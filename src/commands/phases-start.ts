import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { connected, hasWorker } from '../client.js';
import { changeFile } from '../config/change.js';
import { failureFrom, isTold } from '../domain/failures.js';
import { phasesIdOf, whyBadPhases, type PhasesRequest } from '../domain/phases/request.js';
import type { PhasesStatus } from '../domain/phases/status.js';
import { phasesFailed, phasesRun } from '../domain/problems/phased-run.js';
import { noWorker } from '../domain/problems/temporal.js';
import { wrongUse } from '../domain/problems/use.js';
import { homeAt, type Target } from '../local.js';
import type { GlobalOptions, Io } from './io.js';
import { exitCodeFor, showStatus, watchChange } from './phases-say.js';
import { statusOf } from './phases-which.js';
import { releaseOption } from './release-option.js';
import { whoAmI } from './who.js';

export interface StartPhasesOptions extends GlobalOptions {
  file?: string;
  change?: string;
  release?: string;
  watch?: boolean;
}

/**
 * Begins to take a change through its phases, and shows what it found of it; with --watch until it asks for a person or ends.
 *
 * @throws Problem `wrong-use`, `change-faults`, `phases-run`, `no-worker`; why it could not begin, in its own words
 */
export async function startPhases(
  targetName: string | undefined,
  options: StartPhasesOptions,
  io: Io,
): Promise<number> {
  const target = homeAt(options.config).target(targetName);
  const request = requestOf(target, options);
  return connected(target.config.state, async (client) => {
    if (!(await hasWorker(client, target.config.taskQueue))) throw noWorker(target.config.taskQueue);
    const handle = await begin(client, target, request);
    const status = await begun(handle, request.change);
    if (options.watch) return exitCodeFor(await watchChange({ handle }, target, request.change, io));
    showStatus(status, io);
    if (!io.json) io.say(`See it: lockkeeper phases status ${target.name} ${request.change}`);
    return exitCodeFor(status);
  });
}

function requestOf(target: Target, options: StartPhasesOptions): PhasesRequest {
  const { change, settings } = changeFrom(options);
  const all = { ...settings, ...releaseOption(options) };
  const request: PhasesRequest = {
    ...{ target: target.name, change, requestedBy: whoAmI() },
    ...(Object.keys(all).length ? { settings: all } : {}),
  };
  const why = whyBadPhases(request);
  if (why) throw wrongUse(why, 'phases start');
  return request;
}

function changeFrom({ file, change }: StartPhasesOptions): {
  change: string;
  settings: Record<string, unknown>;
} {
  if (file === undefined) {
    if (change === undefined) throw wrongUse('say which change: --change NAME, or --file', 'phases start');
    return { change, settings: {} };
  }
  const read = changeFile(textOf(file), file);
  if (change !== undefined && change !== read.change)
    throw wrongUse(`${file} is of ${read.change}, not of ${change}`, 'phases start');
  return read;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrongUse(`${file} can not be read: ${(error as Error).message}`, 'phases start');
  }
}

async function begin(client: Client, target: Target, request: PhasesRequest): Promise<WorkflowHandle> {
  try {
    return await client.workflow.start('phases', {
      workflowId: phasesIdOf(target.name, request.change),
      taskQueue: target.config.taskQueue,
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [request],
      staticSummary: `${request.change} of ${target.name}, in phases`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw phasesRun(target.name, request.change);
    throw error;
  }
}

const LOOK_EVERY_MS = 200;

/** Waits until it has looked at the change. @throws Problem: what it found */
async function begun(handle: WorkflowHandle, change: string): Promise<PhasesStatus> {
  for (;;) {
    const status = await statusOf({ handle });
    if (status.state !== 'starting') return status;
    const { status: is } = await handle.describe();
    if (is.name !== 'RUNNING') throw await whyEnded(handle, change);
    await sleep(LOOK_EVERY_MS);
  }
}

interface Cause {
  message: string;
  type?: string;
  details?: readonly unknown[];
  cause?: Cause;
}

async function whyEnded(handle: WorkflowHandle, change: string): Promise<Error> {
  const error = await handle.result().then(
    () => null,
    (failure: unknown) => failure,
  );
  for (let cause = error as Cause | null | undefined; cause; cause = cause.cause)
    if (isTold(cause.details?.[0]))
      return phasesFailed(change, failureFrom(cause.type ?? '', cause.details[0]));
  const cause = (error as Cause | null)?.cause;
  return phasesFailed(change, { code: 'unforeseen', what: cause?.message ?? String(error), next: [] });
}
