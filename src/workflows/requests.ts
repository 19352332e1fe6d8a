import { ApplicationFailure } from '@temporalio/workflow';
import type { Problem } from '../domain/problem.js';
import { badRequest } from '../domain/problems/run.js';
import { whyBadRequest } from '../domain/requests.js';

/** A Problem as the failure that Temporal knows: activities do this in an interceptor. */
export const failWith = ({ code, message, told }: Problem): ApplicationFailure =>
  ApplicationFailure.create({ message, type: code, nonRetryable: true, details: [told] });

/** @throws ApplicationFailure `bad-request` when the request is not what the workflow takes */
export function wellFormed<R extends { target: string }>(sent: R | undefined, keys: readonly string[]): R {
  const why = whyBadRequest(sent, keys);
  if (why) throw failWith(badRequest(why));
  return sent as R;
}
