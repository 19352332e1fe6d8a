import type { RevisionFile } from '../../adapters/alembic/inspection.js';
import type { NotedRevision } from '../../domain/phases/settings.js';

export interface Edited {
  revision: string;
  file: string;
  was: string;
  is: string;
}

/** Revisions whose files are others than when the change began. */
export const editedOf = (noted: readonly NotedRevision[], now: readonly RevisionFile[]): Edited[] =>
  now.flatMap(({ revision, file, sha256 }) => {
    const was = noted.find((each) => each.revision === revision)?.sha256;
    return was && was !== sha256 ? [{ revision, file, was, is: sha256 }] : [];
  });

export const editedText = ({ revision, file, was, is }: Edited): string =>
  `${file} of ${revision} was edited since the change began (sha256 ${was.slice(0, 12)}, now ${is.slice(0, 12)})`;
