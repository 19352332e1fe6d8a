import type { Client, WorkflowHandle } from '@temporalio/client';
import { connected, hasWorker, latestRun, type LatestRun } from '../client.js';
import { messageRefused, notRunning, workerSilent } from '../domain/problems/temporal.js';
import type { Message, MessageName } from '../domain/record.js';
import { workflowIdOf } from '../domain/requests.js';
import { homeAt, type Target } from '../local.js';
import { temporal } from '../temporal-client.js';
import type { GlobalOptions } from './io.js';

/** What runs for a target, and the way to it. */
export interface Running {
  client: Client;
  target: Target;
  run: LatestRun;
}

/**
 * Works with what runs for a target, over a connection that is closed in any case.
 *
 * @throws Problem `not-running`; `no-target`, or why Temporal can not be reached
 */
export async function withRun<T>(
  targetName: string | undefined,
  options: GlobalOptions,
  act: (running: Running) => Promise<T>,
): Promise<T> {
  const target = homeAt(options.config).target(targetName);
  return connected(target.config.state, async (client) => {
    const run = await latestRun(client, workflowIdOf(target.name));
    if (!run?.running) throw notRunning(target.name);
    return act({ client, target, run });
  });
}

/** @throws Problem `worker-silent`: a message would wait for a worker, and so would its sender */
export async function assertWorker({ client, target }: Running): Promise<void> {
  if (!(await hasWorker(client, target.config.taskQueue))) throw workerSilent(target.name);
}

/** Sends a message as update. @returns the run's answer. @throws Problem `message-refused` in its words */
export async function send(handle: WorkflowHandle, name: MessageName, message: Message): Promise<string> {
  try {
    return await handle.executeUpdate<string, [Message]>(name, { args: [message] });
  } catch (error) {
    if (error instanceof temporal.WorkflowUpdateFailedError)
      throw messageRefused(name, error.cause?.message ?? error.message);
    throw error;
  }
}
