import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../adapters/disk.js';
import type { NotedRevision, PlannedChange } from '../../domain/phases/settings.js';
import type { PhasesStatus } from '../../domain/phases/status.js';

/** What the state folder knows of a change: enough to hold its revisions back, and to finish it by hand. */
export interface ChangeNote {
  formatVersion: 1;
  target: string;
  change: string;
  /** Of the workflow's first run. */
  runId: string;
  /** ISO 8601, UTC. */
  openedAt: string;
  /** Absent while it is under way. */
  closed?: { at: string; as: string };
  plan: PlannedChange;
  /** Files as they were when they were seen first, or when a person took them as they are. */
  revisions: readonly NotedRevision[];
  status: PhasesStatus | null;
}

const folderOf = (state: string, target: string): string => join(state, 'phases', target);
const pathOf = (state: string, target: string, change: string): string =>
  join(folderOf(state, target), `${change}.json`);

/** @returns null where nothing is known of it */
export async function readNote(state: string, target: string, change: string): Promise<ChangeNote | null> {
  const text = await readFile(pathOf(state, target, change), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as ChangeNote);
}

export const writeNote = (state: string, note: ChangeNote): Promise<void> =>
  writeAtomically(pathOf(state, note.target, note.change), JSON.stringify(note, null, 1));

/** All changes of a target that were ever begun, the newest first. */
export async function notesOf(state: string, target: string): Promise<ChangeNote[]> {
  const names = await readdir(folderOf(state, target)).catch(() => []);
  const read = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readNote(state, target, name.slice(0, -'.json'.length))),
  );
  return read.filter((note) => note !== null).sort((a, b) => b.openedAt.localeCompare(a.openedAt));
}

/** Those that are under way: their revisions wait for their phases. */
export const openChanges = async (state: string, target: string): Promise<ChangeNote[]> =>
  (await notesOf(state, target)).filter(({ closed }) => !closed);
