import { failureFrom } from '../domain/failures.js';
import type { Problem } from '../domain/problem.js';
import { failureText } from './run.js';

/** A problem outside a run, as an operator reads it. Nothing was changed: a command only looks, or asks. */
export function problemText({ code, told }: Problem): string {
  return failureText(failureFrom(code, told)).replace(/\n {2}code/, '\n  state  nothing was changed\n  code');
}

export const problemJson = ({ code, told }: Problem) => ({ schemaVersion: 1, error: { code, ...told } });
