import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../adapters/disk.js';
import type { Finding, Plan, PlannedRevision } from '../domain/plan.js';

type Revisions = readonly Pick<PlannedRevision, 'revision' | 'sha256'>[];

/** The releases that something was found of. */
export type OfReleases = Pick<Plan, 'running' | 'release'>;

/** The same revisions from the same files: what was found of them holds for every plan of them, and of the releases. */
function pathOf(state: string, target: string, revisions: Revisions, of?: OfReleases): string {
  const files = revisions.map(({ revision, sha256 }) => [revision, sha256]);
  const key = createHash('sha256')
    .update(JSON.stringify([target, files, ...(of ? [of.running, of.release] : [])]))
    .digest('hex');
  return join(state, 'rehearsals', 'found', `${key}.json`);
}

/** Keeps what a rehearsal has found, for the next check of the same revisions; `of`: and of the same releases. */
export const keepSurprises = (
  state: string,
  target: string,
  revisions: Revisions,
  found: readonly Finding[],
  of?: OfReleases,
): Promise<void> => writeAtomically(pathOf(state, target, revisions, of), JSON.stringify(found, null, 1));

/** What the last rehearsal of these revisions has found; none where they were not rehearsed. */
export async function knownSurprises(
  state: string,
  target: string,
  revisions: Revisions,
  of?: OfReleases,
): Promise<Finding[]> {
  if (!revisions.length) return [];
  const text = await readFile(pathOf(state, target, revisions, of), 'utf8').catch(() => '[]');
  try {
    return JSON.parse(text) as Finding[];
  } catch {
    return [];
  }
}
