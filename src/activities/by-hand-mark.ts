import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from './home.js';

/** A person does the rest: no step of the run does anything any more. */
export const byHandMark = (state: string, runId: string): string => join(state, 'logs', runId, 'by-hand');

/** A person has done it. */
export const doneMark = (state: string, runId: string): string => join(state, 'logs', runId, 'done-by-hand');

/** How often a step that is at work looks for the mark: so long after it nothing of the run is at work any more. */
export const BY_HAND_LOOK_MS = 500;

/** A person has done what they wanted to: the run goes on from there. */
export const letGoOn = ({ config }: Target, runId: string): Promise<void> =>
  rm(byHandMark(config.state, runId), { force: true });

/** Whether the run keeps its hands off. */
export const isKeptOff = async ({ config }: Target, runId: string): Promise<boolean> =>
  existsSync(byHandMark(config.state, runId));
