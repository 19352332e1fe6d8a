import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeAtomically } from '../disk.js';
import { keepFew } from '../recalled.js';
import { inspect } from './inspect.js';
import { changedSince, COARSE_MS, isUnchanged, snapshotOf, type Snapshot } from './inputs.js';
import type { Inspection } from './inspection.js';
import { bridgeText, type AlembicProject } from './project.js';

/** Where the database stands, read by a connection of ours. */
export interface Stands {
  database: string;
  startedAt: string;
  revisions: readonly string[];
}

interface Kept {
  snapshot: Snapshot;
  inspection: Inspection;
}

/**
 * `inspect` of the database, or what it answered before, if nothing that its answer was made of has changed since:
 * no file that Python has read or looked for, no list of a folder, no variable of the environment, no package; and
 * the database, asked anew, is the same and stands where it stood. What cannot be watched is never kept.
 *
 * @param folder - where answers are kept
 * @param ask - reads where the database stands now
 */
export async function inspectOrRecall(
  project: AlembicProject,
  options: { signal: AbortSignal; mayBeAhead?: boolean; onStart?: (pid: number) => void },
  folder: string,
  ask: (versionTable: Inspection['versionTable']) => Promise<Stands>,
): Promise<Inspection> {
  // What Python reads in a container cannot be watched from here.
  if (project.container) return withoutInputs(await inspect(project, { from: 'database', ...options }));
  const root = await realpath(project.cwd).catch(() => project.cwd);
  const path = join(folder, `${keyOf(project, root)}.json`);
  const kept = await readKept(path);
  if (kept && isUnchanged(kept.snapshot, root)) {
    const now = await ask(kept.inspection.versionTable);
    if (isSame(kept.inspection, now)) return kept.inspection;
  }
  // It may lie in a folder whose names count: then that has changed just now.
  if (await mkdir(folder, { recursive: true, mode: 0o700 })) await setTimeout(2 * COARSE_MS);
  const began = Date.now();
  const { inputs, ...inspection } = await inspect(project, { from: 'database', ...options });
  if (inputs?.why !== null || isAhead(inspection)) return inspection;
  const snapshot = snapshotOf(inputs, root);
  // Asked last: what changes after the snapshot is found when that is compared.
  if (changedSince(inputs, began)) return inspection;
  await writeAtomically(path, JSON.stringify({ snapshot, inspection }));
  await keepFew(folder);
  return inspection;
}

/** Whoever would migrate must be refused it. */
const isAhead = ({ applied, current }: Inspection): boolean =>
  current.some((each) => !applied.some(({ revision }) => revision === each));

const withoutInputs = ({ inputs: _, ...inspection }: Inspection & { inputs?: unknown }): Inspection =>
  inspection;

/** Everything that is known before Python is started: what would be run, and in which environment. */
function keyOf(project: AlembicProject, root: string): string {
  const environment = Object.entries({ ...process.env, ...project.environment }).sort();
  const { python, config, section = null, x = [] } = project;
  const all = [bridgeText(), python, root, config, section, x, environment, process.version];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function readKept(path: string): Promise<Kept | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Kept;
  } catch {
    return null; // there is none, or it was cut off
  }
}

const isSame = ({ identity, current }: Inspection, now: Stands): boolean =>
  identity.database === now.database &&
  identity.startedAt === now.startedAt &&
  [...now.revisions].sort().join('\0') === current.join('\0');
