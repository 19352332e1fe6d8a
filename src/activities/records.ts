import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import type { RunRecord } from '../domain/record.js';

const folderOf = (state: string, target: string) => join(state, 'records', target);

/** Keeps the record of a run: the state folder alone is enough to know what happened. */
export const keep = (state: string, record: RunRecord): Promise<void> =>
  writeAtomically(
    join(folderOf(state, record.target), `${record.runId}.json`),
    JSON.stringify(record, null, 1),
  );

/** All records of a target, newest first. */
export async function recordsOf(state: string, target: string): Promise<RunRecord[]> {
  const folder = folderOf(state, target);
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as RunRecord),
  );
  return records.sort((a, b) => beganAt(b).localeCompare(beganAt(a)));
}

const beganAt = (record: RunRecord): string => record.facts[0]?.at ?? '';
