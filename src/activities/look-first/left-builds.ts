import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../adapters/disk.js';
import { withClient } from '../../adapters/postgres/client.js';
import { copiesLeft, dropLeft, indexNamed, type LeftIndex } from '../../adapters/postgres/left-indexes.js';
import { revisions } from '../../adapters/postgres/revisions.js';
import type { Plan } from '../../domain/plan.js';
import { partsOf } from '../../domain/sql-name.js';
import type { Target } from '../home.js';
import { readSchema } from '../plans.js';
import { appliedOf } from '../revisions.js';
import { sessionName } from '../standing.js';
import type { Work } from '../work.js';
import type { Build } from './builds.js';

/** A build that this run has begun. */
type Begun = Build & { revision: string; direction: 'upgrade' | 'downgrade' };

const pathOf = (target: Target, runId: string): string =>
  join(target.config.state, 'logs', runId, 'builds.json');

async function begunBy(target: Target, runId: string): Promise<Begun[]> {
  const text = await readFile(pathOf(target, runId), 'utf8').catch(() => '[]');
  return JSON.parse(text) as Begun[];
}

/** Before it is sent: whoever comes after a crash must know that the index may be this run's. */
export async function noteBuild(target: Target, runId: string, build: Begun): Promise<void> {
  const all = [...(await begunBy(target, runId)), build];
  await writeAtomically(pathOf(target, runId), JSON.stringify(all));
}

/**
 * Drops what builds of this run have left that did not come to their end: invalid indexes, and whole ones whose
 * revision is not in the database, so that the build can begin again or counts as never begun. Indexes that the plan
 * has found there stay.
 *
 * @returns names of the indexes that were dropped
 */
export async function dropLeftBuilds(
  target: Target,
  plan: Plan,
  runId: string,
  { signal, progress }: Pick<Work, 'signal' | 'progress'>,
): Promise<string[]> {
  const begun = await begunBy(target, runId);
  if (!begun.length) return [];
  const were = await readSchema(target.config.state, plan.standing.fingerprint);
  const options = { applicationName: sessionName(target.name, 'tidy', runId), signal };
  return withClient(target.url(), options, async (client) => {
    const applied = appliedOf(plan, await revisions(client, plan.versionTable));
    const dropped: string[] = [];
    for (const build of begun) {
      if (applied.includes(build.revision) === (build.direction === 'upgrade')) continue;
      const left: LeftIndex[] =
        'makes' in build ? await indexNamed(client, build.makes) : await copiesLeft(client, build.reindexes);
      for (const index of left.filter(({ name }) => !wasThere(were, name))) {
        await dropLeft(client, index, signal, (pid) => progress(`pid ${pid} still builds ${index.name}`));
        progress(`dropped ${index.name}, which an interrupted build has left`);
        dropped.push(index.name);
      }
    }
    return dropped;
  });
}

/** @param lines - of a schema as its fingerprint has them: an index as pg_get_indexdef() writes it */
function wasThere(lines: readonly string[], index: string): boolean {
  const [place, local] = partsOf(index);
  const begins = ['', 'UNIQUE '].flatMap((unique) =>
    ['', 'ONLY '].map((only) => `CREATE ${unique}INDEX ${local} ON ${only}${place}.`),
  );
  return lines.some((line) => begins.some((begin) => line.startsWith(begin)));
}
