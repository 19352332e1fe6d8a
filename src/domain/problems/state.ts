import { Problem } from '../problem.js';

/** A run refers to a plan that the state folder does not have: another host, or a folder that was emptied. */
export const planMissing = (planHash: string, path: string, why: string) =>
  new Problem('plan-missing', {
    what: `plan ${planHash.slice(0, 12)} is not in the state folder`,
    why,
    next: [
      `bring ${path} back from a backup of the state folder`,
      'run one worker per task queue and state folder',
    ],
    retry: false,
  });

/** The state folder cannot be written. */
export const stateNotWritable = (folder: string, why: string) =>
  new Problem('state-not-writable', {
    what: `the state folder ${folder} cannot be written`,
    why,
    next: [
      'free space there, let this user write there, or set stateDir in lockkeeper.yaml to another folder',
    ],
    retry: true,
  });

/** What a file of the state folder refused, as a problem of that folder; all else as it is. */
export function asStateProblem(error: unknown, state: string): unknown {
  const { path, message } = error as { path?: unknown; message?: string };
  const isOfState = typeof path === 'string' && path.startsWith(state);
  return isOfState ? stateNotWritable(state, message ?? '') : error;
}
