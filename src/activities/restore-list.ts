import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Aside, isCopyName, putAside } from '../adapters/backup/restore-copies.js';
import { readLost } from '../adapters/lost/folder.js';
import { databases, dropDatabase, onServer } from '../adapters/postgres/databases.js';
import type { LostIndex } from '../domain/lost.js';
import { notOurs } from '../domain/problems/restore-run.js';
import { bytes } from '../domain/units.js';
import type { Target } from './home.js';
import { lostFolder } from './restore-lost.js';
import { ownerOf } from './restore-options.js';
import { sessionName } from './standing.js';

/** Databases that restores have left on the server on purpose: replaced ones, and points to look into. */
export async function besidesOf(target: Target): Promise<Aside[]> {
  const isOurs = (run: string) => ownerOf(run)?.target === target.name;
  const all = await putAside(target.url(), { applicationName: sessionName(target.name, 'list') }, isOurs);
  // What a run has copied for its own undo is that run's.
  return all.filter(({ name }) => !isCopyName(name));
}

/** Rows that restores have taken away, as the state folder has them; the newest first. */
export async function lostOf(target: Target): Promise<LostIndex[]> {
  const folder = lostFolder(target);
  const ids = (await readdir(folder).catch(() => [])).filter((id) => !id.endsWith('.part'));
  const all = await Promise.all(ids.map((id) => readLost(join(folder, id)).catch(() => undefined)));
  return all.filter((each) => each !== undefined).sort((a, b) => b.at.localeCompare(a.at));
}

/**
 * Drops one of `besidesOf`, and nothing else.
 *
 * @returns what was dropped, in words
 * @throws Problem `not-ours`
 */
export async function dropBeside(target: Target, name: string): Promise<string> {
  const found = (await besidesOf(target)).find((each) => each.name === name);
  if (!found) throw notOurs(target.name, name);
  await onServer(target.url(), { applicationName: sessionName(target.name, 'drop') }, async (server) => {
    // Looked at once more: a name is all that dropping goes by.
    const marker = (await databases(server)).find((each) => each.name === name)?.marker;
    if (marker?.state !== 'kept' && marker?.state !== 'point') throw notOurs(target.name, name);
    await dropDatabase(server, name);
  });
  return `dropped ${name} (${bytes(found.bytes)})`;
}
