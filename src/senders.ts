import type { NativeConnection } from '@temporalio/worker';
import { messageNames } from './domain/record.js';
import type { ReadSenders, Sender } from './activities/who-sent.js';

const MESSAGES: readonly string[] = messageNames;

/**
 * Reads from a run's history who sent its messages. Workflow code does not see the identity of a sender, and
 * an update that the Web UI sends has none (https://docs.temporal.io/workflow-execution/event).
 */
export const sendersFrom =
  (connection: NativeConnection, namespace: string): ReadSenders =>
  async (workflowId, runId) => {
    const senders: Sender[] = [];
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await connection.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: { workflowId, runId },
        ...(nextPageToken ? { nextPageToken } : {}),
      });
      for (const event of page.history?.events ?? []) {
        const signal = event.workflowExecutionSignaledEventAttributes;
        const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
        const name = signal?.signalName ?? update?.input?.name ?? '';
        if (!MESSAGES.includes(name)) continue;
        const payload = (signal?.input ?? update?.input?.args)?.payloads?.[0]?.data;
        senders.push({
          message: name,
          by: namedIn(payload),
          identity: signal?.identity ?? update?.meta?.identity ?? '',
        });
      }
      nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
    } while (nextPageToken);
    return senders;
  };

/** The name that a message claims. */
function namedIn(data: Uint8Array | null | undefined): string {
  try {
    return String((JSON.parse(Buffer.from(data ?? []).toString()) as { by?: unknown }).by ?? '');
  } catch {
    return '';
  }
}
