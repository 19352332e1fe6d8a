import { depth, folderOf, has, type ProjectFiles } from './project-files.js';

export interface AlembicFound {
  /** Folder of alembic.ini. */
  project: string;
  /** Other folders that have one. */
  others: readonly string[];
}

/** alembic.ini, the one nearest to the top; null when there is none. */
export function findAlembic({ paths }: ProjectFiles): AlembicFound | null {
  const [first, ...others] = paths
    .filter((path) => /(^|\/)alembic\.ini$/.test(path))
    .sort((a, b) => depth(a) - depth(b))
    .map(folderOf);
  return first === undefined ? null : { project: first, others };
}

/** The Python that has the application's packages, seen from the folder of alembic.ini; null when unknown. */
export function findPython(files: ProjectFiles, project: string): string | readonly string[] | null {
  const folders = project === '.' ? ['.'] : [project, '.'];
  for (const folder of folders) {
    const inside = (path: string) => (folder === '.' ? path : `${folder}/${path}`);
    const toFolder = folder === project ? '' : '../'.repeat(depth(project));
    for (const venv of ['.venv', 'venv'])
      if (has(files, inside(`${venv}/bin/python`))) return `${toFolder || './'}${venv}/bin/python`;
    if (has(files, inside('uv.lock'))) return ['uv', 'run', 'python'];
    if (has(files, inside('poetry.lock'))) return ['poetry', 'run', 'python'];
  }
  return null;
}
