import { fileURLToPath } from 'node:url';
import type { temporal } from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';

const logger = new DefaultLogger('ERROR');
let bundle: Promise<WorkflowBundle> | undefined;

/** The workflows as the worker would run them, bundled once per test file. */
function workflowBundle(): Promise<WorkflowBundle> {
  if (!bundle) {
    Runtime.install({ logger });
    const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
    bundle = bundleWorkflowCode({ workflowsPath, logger });
  }
  return bundle;
}

/** Fails unless the workflow does exactly what the history tells. */
export async function replay(history: temporal.api.history.v1.IHistory): Promise<void> {
  const id = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? 'lockkeeper:shop';
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, id);
}
