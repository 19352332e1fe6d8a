import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import type { Target } from './home.js';

const pathOf = ({ config, name }: Target): string => join(config.state, 'stopped', `${name}.json`);

/** Notes that the application was stopped on purpose: whoever puts a database back starts it again. */
export const noteStopped = (target: Target, by: string): Promise<void> =>
  writeAtomically(pathOf(target), JSON.stringify({ at: new Date().toISOString(), by }));

export const isStopped = (target: Target): boolean => existsSync(pathOf(target));

/** A release was started. */
export const forgetStopped = (target: Target): Promise<void> => rm(pathOf(target), { force: true });
