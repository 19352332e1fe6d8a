import { badRequest } from '../domain/problems/run.js';
import { whyBadRequest } from '../domain/requests.js';
import { failWith } from './failures.js';

/** @throws ApplicationFailure `bad-request` when the request is not what the workflow takes */
export function wellFormed<R extends { target: string }>(sent: R | undefined, keys: readonly string[]): R {
  const why = whyBadRequest(sent, keys);
  if (why) throw failWith(badRequest(why));
  return sent as R;
}
