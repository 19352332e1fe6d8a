import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Target } from './home.js';

/** Appends a line of JSON, with its time; in order, and never in the way of the work. */
export type StepLog = (line: object) => void;

/** Path of what a step of a run logs. */
export const stepLogPath = (target: Target, runId: string, step: string): string =>
  join(target.config.state, 'logs', runId, `${step.replaceAll(' ', '-')}.log`);

export async function stepLog(target: Target, runId: string, step: string): Promise<StepLog> {
  const path = stepLogPath(target, runId, step);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let last: Promise<void> = Promise.resolve();
  const log: StepLog = (line) => {
    const text = target.mask(JSON.stringify({ at: new Date().toISOString(), ...line }));
    last = last.then(() => appendFile(path, `${text}\n`, { mode: 0o600 })).catch(() => undefined);
  };
  log({ event: 'log', target: target.name, step });
  return log;
}
