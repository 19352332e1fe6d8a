import { inspect } from '../../adapters/alembic/inspect.js';
import type { Inspection } from '../../adapters/alembic/inspection.js';
import { phasedBy } from '../../domain/phased.js';
import type { NotedRevision } from '../../domain/phases/settings.js';
import type { Release, RunInput } from '../../domain/steps.js';
import { fetchRelease } from '../fetch-release.js';
import type { Home } from '../home.js';
import type { Work } from '../work.js';

/** What a release has of changes in phases. */
export interface FoundRevisions {
  release: Release;
  inspection: Inspection;
  /** Of all changes: those that the database lacks, in their order. */
  pending: readonly (NotedRevision & { change: string })[];
}

/** Fetches a release, and looks which of its pending revisions say that they are of a phase. */
export async function findRevisions(
  home: Home,
  input: RunInput & { release: string | null },
  work: Work,
): Promise<FoundRevisions> {
  const { target: name, runId, release: wanted } = input;
  const asked = { target: name, runId, ...(wanted === null ? {} : { release: wanted }) };
  const release = await fetchRelease(home, asked, work);
  const project = home.target(name).project(release.name);
  const inspection = await inspect(project, { from: 'database', render: 'none', signal: work.signal });
  const pending = inspection.pending.flatMap(({ revision, file, sha256, allowances }) => {
    const phased = phasedBy(allowances);
    return phased ? [{ revision, file, sha256, ...phased }] : [];
  });
  return { release, inspection, pending };
}
