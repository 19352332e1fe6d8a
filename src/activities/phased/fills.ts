import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readFiles } from '../../adapters/alembic/files.js';
import type { AlembicProject } from '../../adapters/alembic/project.js';
import { backfillSettings } from '../../config/backfill.js';
import type { ChangeSettings } from '../../config/change.js';
import { changeFaults, changeWithoutFilling } from '../../domain/problems/phased-run.js';
import type { Filling, NotedRevision } from '../../domain/phases/settings.js';

/** A change that fills more tables is several changes. */
const MOST = 5;
/** They travel with the run. */
const MOST_CHARS = 16_000;

/**
 * The backfills of a change: those of its change file, else what `phases new` wrote beside the revisions.
 *
 * @param must - whether the change file speaks of one
 * @throws Problem `change-without-filling`, `backfill-faults`, `change-faults`
 */
export async function fillsOf(
  project: AlembicProject,
  { change, backfill }: ChangeSettings,
  revisions: readonly NotedRevision[],
  must: boolean,
): Promise<Filling[]> {
  if (backfill.none) return [];
  const given = backfill.settings;
  const fills = given
    ? named(change, Array.isArray(given) ? given : [given])
    : await beside(project, change, revisions);
  if (!fills.length && must) throw changeWithoutFilling(change, pathsOf(change, revisions));
  if (JSON.stringify(fills).length > MOST_CHARS)
    throw changeFaults(`the change ${change}`, [
      `backfill: longer than ${MOST_CHARS} characters in all: put expressions into functions of the database`,
    ]);
  return fills;
}

const named = (change: string, all: readonly Filling['settings'][]): Filling[] =>
  all.map((settings, index) => ({ name: all.length > 1 ? `${change}-${index + 1}` : change, settings }));

/** `orders-remark.backfill.yaml`; of several tables `orders-remark-1.backfill.yaml` and so on. */
function pathsOf(change: string, revisions: readonly NotedRevision[]): string[] {
  const folders = [...new Set(revisions.map(({ file }) => dirname(file)))];
  const ends = ['', ...Array.from({ length: MOST }, (_, index) => `-${index + 1}`)];
  return folders.flatMap((folder) => ends.map((end) => join(folder, `${change}${end}.backfill.yaml`)));
}

async function beside(
  project: AlembicProject,
  change: string,
  revisions: readonly NotedRevision[],
): Promise<Filling[]> {
  const paths = pathsOf(change, revisions);
  if (!paths.length) return [];
  const texts = project.container
    ? await readFiles(project, paths, true).then((read) => paths.map((path) => read.get(path)?.toString()))
    : await Promise.all(
        paths.map((path) => readFile(join(project.cwd, path), 'utf8').catch(() => undefined)),
      );
  const found = paths.flatMap((path, at) => {
    const text = texts[at];
    return text === undefined ? [] : [backfillSettings(text, path)];
  });
  return named(change, found);
}
