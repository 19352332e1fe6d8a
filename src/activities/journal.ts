import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup } from '../domain/backup.js';
import type { JournalEntry } from '../domain/journal.js';
import type { RunInput, StepInput } from '../domain/steps.js';
import type { Home } from './home.js';
import type { Work } from './work.js';

const pathOf = (state: string, runId: string): string => join(state, 'logs', runId, 'journal.jsonl');

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
  const { doing, partOf, planHash } = input as Partial<StepInput>;
  const known = {
    step,
    attempt,
    ...(doing ? { doing } : {}),
    ...(planHash ? { planHash: partOf ?? planHash } : {}),
  };
  const write = (fact: Pick<JournalEntry, 'kind' | 'why'>) => append(home, input, { ...known, ...fact });
  await write({ kind: 'began' });
  try {
    const result = await act();
    await write({ kind: 'ended', ...told(result) });
    return result;
  } catch (error) {
    await write({ kind: 'failed', why: (error as Error).message });
    throw error;
  }
}

/** What of a result tells how things stand. */
function told(result: unknown): Partial<JournalEntry> {
  const { note, left, planHash } = (result ?? {}) as Partial<JournalEntry>;
  const backup = asBackup(result);
  return {
    ...(note ? { note } : {}),
    ...(left ? { left } : {}),
    // The plan that it made.
    ...(planHash ? { planHash } : {}),
    ...(backup ? { backup } : {}),
  };
}

function asBackup(result: unknown): Backup | undefined {
  const given = (result ?? {}) as Partial<Backup>;
  if (given.manifest === undefined || given.path === undefined || given.id === undefined) return undefined;
  const { note: _, ...backup } = given as Backup & { note?: string };
  return backup;
}

async function append(home: Home, { target, runId }: RunInput, fact: object): Promise<void> {
  try {
    const { state } = home.config();
    await mkdir(join(state, 'logs', runId), { recursive: true, mode: 0o700 });
    const line = JSON.stringify({ at: new Date().toISOString(), target, ...fact });
    await appendFile(pathOf(state, runId), `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk is told by the step that needs it.
  }
}

/** What a run has journalled, in order; nothing where there is no journal. */
export async function readJournal(state: string, runId: string): Promise<JournalEntry[]> {
  return (await readFile(pathOf(state, runId), 'utf8').catch(() => '')).split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalEntry];
    } catch {
      return []; // cut off
    }
  });
}
