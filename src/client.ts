import type { Client, WorkflowHandle } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { embeddedTemporal } from './embedded.js';
import { temporal } from './temporal-client.js';
import { badTemporalSettings, noNamespace, temporalUnreachable } from './domain/problems/temporal.js';

/** Where Temporal is, from the environment, temporal.toml, or the embedded stack of this folder. */
export interface TemporalPlace {
  address: string;
  namespace: string;
  /** Whether somebody named the address: then the embedded stack is not what is meant. */
  named: boolean;
  connectionOptions: NonNullable<ReturnType<typeof loadClientConnectConfig>['connectionOptions']>;
}

/**
 * TEMPORAL_* and temporal.toml mean the same to us as to the `temporal` CLI
 * (https://docs.temporal.io/develop/environment-configuration). Only where they name no address is the
 * embedded stack of the state folder looked for.
 *
 * @throws Problem `bad-temporal-settings`
 */
export function temporalPlace(state: string): TemporalPlace {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig();
    // A variable that is set to nothing, as compose files do, names nothing.
    const named = Boolean(connectionOptions.address);
    const address = connectionOptions.address || embeddedTemporal(state) || 'localhost:7233';
    return {
      address,
      named,
      namespace: namespace || 'default',
      connectionOptions: { ...connectionOptions, address },
    };
  } catch (error) {
    throw badTemporalSettings((error as Error).message);
  }
}

const CONNECT_MS = 3_000;

/**
 * Connects and asks the server for its namespace, so that what is wrong is known before anything is started.
 *
 * @throws Problem `temporal-unreachable`, `no-namespace`
 */
export async function connect(state: string): Promise<Client> {
  const { address, named, namespace, connectionOptions } = temporalPlace(state);
  const connection = await temporal.Connection.connect({
    ...connectionOptions,
    connectTimeout: CONNECT_MS,
  }).catch((error: Error) => {
    throw temporalUnreachable(address, error.message, named);
  });
  const client = new temporal.Client({ connection, namespace });
  try {
    await client.withDeadline(Date.now() + CONNECT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    await connection.close();
    throw (error as { code?: number }).code === NOT_FOUND
      ? noNamespace(namespace, address)
      : temporalUnreachable(address, (error as Error).message, named);
  }
  return client;
}

/** Works over a connection that is closed in any case. @throws what `connect` throws */
export async function connected<T>(state: string, act: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(state);
  try {
    return await act(client);
  } finally {
    await client.connection.close();
  }
}

const NOT_FOUND = 5; // gRPC status, https://grpc.io/docs/guides/status-codes

/** Whether a worker has asked for work on the queue within the last minute. */
export async function hasWorker(client: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const since = Date.now() / 1000 - 75; // one long poll lasts up to 60 seconds
  return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) > since);
}

const WORKFLOW_QUEUE = 1; // temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW

export interface LatestRun {
  handle: WorkflowHandle;
  runId: string;
  type: string;
  running: boolean;
  /** In Temporal's words: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT. */
  status: string;
}

/** The latest run under an id; null when there is none. */
export async function latestRun(client: Client, workflowId: string): Promise<LatestRun | null> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    const { runId, type, status } = await handle.describe();
    return {
      handle: client.workflow.getHandle(workflowId, runId),
      runId,
      type,
      running: status.name === 'RUNNING',
      status: status.name,
    };
  } catch (error) {
    if (error instanceof temporal.WorkflowNotFoundError) return null;
    throw error;
  }
}
