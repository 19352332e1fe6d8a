import { Problem } from '../problem.js';
import { bytes } from '../units.js';

/** A program that a step needs is not installed, or not where the settings say. */
export const missingTool = (file: string, why = '') =>
  new Problem('missing-tool', {
    what: `the program ${file} was not found`,
    ...(why ? { why } : {}),
    next: [`install ${file}, or correct its path in lockkeeper.yaml`, 'lockkeeper doctor tries every tool'],
    retry: false,
  });

/** The disk is full. `free` in bytes, when it was asked. */
export const diskFull = (path: string, free: number, why: string) =>
  new Problem('disk-full', {
    what: `${path} could not be written: ${bytes(free)} are free there`,
    why,
    next: [`free space: df -h ${path}`, 'try again'],
    retry: true,
  });
