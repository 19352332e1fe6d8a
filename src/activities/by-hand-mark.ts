import { join } from 'node:path';

/** A person does the rest: no step of the run does anything any more. */
export const byHandMark = (state: string, runId: string): string => join(state, 'logs', runId, 'by-hand');

/** A person has done it. */
export const doneMark = (state: string, runId: string): string => join(state, 'logs', runId, 'done-by-hand');
