import { mentionsIn } from '../../adapters/mentions.js';
import { foundOr, type Looked } from '../../domain/old-code.js';
import { wordOf } from '../../domain/phase.js';
import { count } from '../../domain/units.js';
import type { OldCodeAsked } from './asked.js';

const SOURCE = 'files';
const missing = (why: string): Looked => ({ evidence: [], missing: [`${SOURCE}: ${why}`] });

/** What the files of the release say of what goes. */
export async function lookAtFiles({ target, release, taken }: OldCodeAsked): Promise<Looked> {
  if (!taken?.length) return { evidence: [], missing: [] };
  if (release === null) return missing('which release runs is not known');
  const ofEach = target.settings.alembic.project.includes('{release}');
  const project = target.projectOffline(release);
  if (project.container || !ofEach)
    return missing(`those of ${release} are not at hand (alembic.project has no {release})`);
  const mentions = await mentionsIn(project.cwd, taken);
  if (!mentions) return missing(`those of ${release} are not there, or too many`);
  const said = taken.map((name) => ({ word: wordOf(name), ...mentions.found[wordOf(name)] }));
  const used = said.filter(({ usage }) => usage === 'yes');
  const maybe = said.filter(({ usage }) => usage === 'maybe');
  const none = `${count(mentions.files, 'file')} of ${release} name none of ${said.map(({ word }) => word).join(', ')}`;
  const looked = foundOr(
    used.map(({ word, places = [] }) => ({
      source: SOURCE,
      says: `${release} itself names ${word}: ${places.join(', ')}`,
      holds: false,
      next: [`deploy a release that does without ${word}`],
    })),
    { source: SOURCE, says: none, holds: true },
  );
  const unsure = maybe.map(
    ({ word, places = [] }) =>
      `${SOURCE}: whether ${release} uses ${word} cannot be told: ${places.join(', ')}`,
  );
  return { evidence: used.length || !unsure.length ? looked.evidence : [], missing: unsure };
}
