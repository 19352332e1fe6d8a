import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunInput } from '../domain/steps.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

/**
 * Writes into `logs/<run>/journal.jsonl` when a step's attempt began and what it came to, so that the state
 * folder tells how far a run got even when Temporal is gone. The journal never stops a step.
 */
export async function journalled<R>(
  home: Home,
  step: string,
  input: RunInput,
  { attempt }: Work,
  act: () => Promise<R>,
): Promise<R> {
  const write = (fact: Record<string, unknown>) => append(home, input, { step, attempt, ...fact });
  await write({ kind: 'began' });
  try {
    const result = await act();
    await write({ kind: 'ended', note: (result as { note?: string } | undefined)?.note });
    return result;
  } catch (error) {
    await write({ kind: 'failed', why: (error as Error).message });
    throw error;
  }
}

async function append(home: Home, { target, runId }: RunInput, fact: Record<string, unknown>): Promise<void> {
  try {
    const folder = join(home.config().state, 'logs', runId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const line = JSON.stringify({ at: new Date().toISOString(), target, ...fact });
    await appendFile(join(folder, 'journal.jsonl'), `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk is told by the step that needs it.
  }
}
