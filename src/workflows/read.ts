import { badRequest } from '../domain/problems/run.js';
import { whyBadRead, type ReadPage, type ReadRequest } from '../domain/read.js';
import { failWith } from './failures.js';
import { readPage } from './steps.js';

/**
 * Gives any client what the state folder of the worker has of a target, in pages. It changes nothing, so it may
 * run under any id, beside whatever runs.
 */
export async function read(request?: ReadRequest): Promise<ReadPage> {
  const why = whyBadRead(request);
  if (why) throw failWith(badRequest(why));
  return readPage(request as ReadRequest);
}
