import { revisionIdTooLong, severalHeads } from '../../domain/problems/alembic.js';
import { problemOf } from './failure.js';
import type { FileInspection, Inspection } from './inspection.js';
import type { ExpectedDatabase } from './migrate.js';
import type { AlembicProject } from './project.js';
import { talk } from './talk.js';

export type * from './inspection.js';

export interface InspectOptions {
  /** The database that env.py points to, or revisions that it is thought to have; `[]`: none. */
  from: 'database' | readonly string[];
  /** `none` leaves out the SQL: quicker. Default `pending`. */
  render?: 'pending' | 'none';
  /** Several heads are a mistake unless the project means them. */
  allowSeveralHeads?: boolean;
  /** Nothing is to run: a database that these files do not know is ahead of them, and nothing is pending. */
  mayBeAhead?: boolean;
  /** The database that the settings mean: env.py may point to another one. */
  expectDatabase?: ExpectedDatabase;
  onStart?: (pid: number) => void;
  signal?: AbortSignal;
}

export async function inspect(
  project: AlembicProject,
  options: InspectOptions & { from: 'database' },
): Promise<Inspection>;
export async function inspect(
  project: AlembicProject,
  options: InspectOptions & { from: readonly string[] },
): Promise<FileInspection>;
/**
 * Looks at a project and its database, through the user's env.py; creates and changes nothing.
 *
 * @throws Problem, any of domain/problems/alembic and alembic-run; the signal's reason when aborted
 */
export async function inspect(
  project: AlembicProject,
  options: InspectOptions,
): Promise<Inspection | FileInspection> {
  const { from, render = 'pending', allowSeveralHeads = false, expectDatabase, onStart, signal } = options;
  const { mayBeAhead = false } = options;
  const asked = { from, render, mayBeAhead, expectDatabase, applicationName: 'lockkeeper inspect' };
  const said = await talk(project, 'inspect', asked, { onStart, signal });
  if (said.event === 'failed') throw problemOf(said);
  if (said.event !== 'inspection') throw new Error(`the bridge answered ${said.event} to inspect`);
  const { event: _, ...inspection } = said;
  if (inspection.heads.length > 1 && !allowSeveralHeads) throw severalHeads(inspection.heads);
  refuseTooLong(inspection);
  return inspection;
}

/** Characters of a revision id that Alembic's version table holds unless somebody widened it. */
const ID_LENGTH = 32;

function refuseTooLong(inspection: Inspection | FileInspection): void {
  const long = inspection.pending.find(({ tooLong }) => tooLong);
  const { table = 'alembic_version', idLength = null } =
    'versionTable' in inspection ? inspection.versionTable : {};
  if (long) throw revisionIdTooLong(long.revision, idLength ?? ID_LENGTH, table);
}
