import { failureFrom } from '../domain/failures.js';
import type { Problem } from '../domain/problem.js';
import { failureText } from './run.js';

/** True of every command that ends in a problem: it only looks, or asks a workflow, which has a record of its own. */
const STATE = 'this command changed nothing';
/** They say themselves how things stand. */
const SAY_IT_THEMSELVES = ['interrupted', 'maintenance-failed'];
const stateOf = (code: string) => (SAY_IT_THEMSELVES.includes(code) ? {} : { state: STATE });

/** A problem outside a run, as an operator reads it. */
export const problemText = ({ code, told }: Problem): string =>
  failureText(failureFrom(code, told), stateOf(code));

export const problemJson = ({ code, told }: Problem) => ({
  schemaVersion: 1,
  error: { code, ...told, ...stateOf(code) },
});
