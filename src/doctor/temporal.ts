import type { Connection } from '@temporalio/client';
import { connected, hasWorker, temporalPlace } from '../client.js';
import type { Target } from '../local.js';
import {
  lackingSearchAttributes,
  assertSearchAttributes,
  registerSearchAttributes,
} from '../search-attributes.js';
import type { Found } from './examinations.js';

/** Whether Temporal answers, and knows what our workflows set. @throws Problem when not */
export async function temporalAnswers({ config }: Target): Promise<Found> {
  const { address, namespace } = temporalPlace(config.state);
  return connected(config.state, async (client) => {
    await assertSearchAttributes(client.connection as Connection, namespace);
    return { state: 'ok', says: `${address}, namespace ${namespace}, all search attributes` };
  });
}

/** Whether a worker listens for this target. Without one nothing is lost, and nothing happens. */
export async function workerListens({ config }: Target): Promise<Found> {
  return connected(config.state, async (client) => {
    if (await hasWorker(client, config.taskQueue))
      return { state: 'ok', says: `listens on ${config.taskQueue}` };
    return {
      state: 'fault',
      says: `nobody listens on task queue ${config.taskQueue}`,
      next: [
        'start one on the host that owns the target, with the secrets in its environment: lockkeeper worker',
      ],
    };
  });
}

/** Registers the search attributes that are missing. @returns their names */
export async function registerMissing({ config }: Target): Promise<string[]> {
  const { namespace } = temporalPlace(config.state);
  return connected(config.state, async (client) => {
    const connection = client.connection as Connection;
    const missing = await lackingSearchAttributes(connection, namespace);
    if (missing.length) await registerSearchAttributes(connection, namespace, missing);
    return missing;
  });
}
