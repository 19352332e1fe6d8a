import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { hasWorker } from '../client.js';
import { cannotRead } from '../domain/problems/read.js';
import { noWorker } from '../domain/problems/temporal.js';
import type { ReadPage, ReadRequest } from '../domain/read.js';
import type { Target } from '../local.js';
import { temporal } from '../temporal-client.js';

type Read = (request: ReadRequest) => Promise<ReadPage>;

/** A page takes some milliseconds; a worker that does not know the workflow never answers. */
const PAGE_TIME = '15 seconds';

/**
 * All pages of what the worker's state folder has: this host may not have that folder.
 *
 * @throws Problem `no-worker`, `cannot-read` with the reason
 */
export async function readThrough(
  client: Client,
  { name, config: { taskQueue } }: Target,
  wanted: Omit<ReadRequest, 'target' | 'page'>,
): Promise<string> {
  if (!(await hasWorker(client, taskQueue))) throw noWorker(taskQueue);
  const readPage = (page: number) =>
    client.workflow.execute<Read>('read', {
      workflowId: `lockkeeper-read:${name}:${randomUUID()}`,
      taskQueue,
      workflowExecutionTimeout: PAGE_TIME,
      args: [{ target: name, ...wanted, page }],
    });
  try {
    const first = await readPage(1);
    const texts = [first.text];
    for (let page = 2; page <= first.pages; page += 1) texts.push((await readPage(page)).text);
    return texts.join('');
  } catch (error) {
    const { cause, message } = error as Error;
    if (!(error instanceof temporal.WorkflowFailedError)) throw error;
    throw cannotRead(name, wanted.what, cause instanceof Error ? cause.message : message);
  }
}
