import { readImageFiles } from '../../adapters/compose/image-files.js';
import type { Place } from '../../adapters/compose/docker.js';
import { mentionsIn } from '../../adapters/mentions.js';
import { ToolFailed } from '../../adapters/shell.js';
import { foundOr, type Looked } from '../../domain/old-code.js';
import { wordOf, type Mentions } from '../../domain/phase.js';
import { count } from '../../domain/units.js';
import type { TakenName } from '../../plan/taken-names.js';
import type { Work } from '../work.js';
import type { OldCodeAsked } from './asked.js';

const SOURCE = 'files';
const missing = (why: string): Looked => ({ evidence: [], missing: [`${SOURCE}: ${why}`] });

/** The image of the application's release, by its id. */
export interface ReleaseImage {
  place: Place;
  id: string;
}

/**
 * What the files of the release say of what goes: in its folder, or in its image.
 *
 * @param image - where compose starts it, and the image is here
 */
export async function lookAtFiles(
  { target, release, taken }: OldCodeAsked,
  image: ReleaseImage | null,
  { signal }: Pick<Work, 'signal'>,
): Promise<Looked> {
  if (!taken?.length) return { evidence: [], missing: [] };
  if (release === null) return missing('which release runs is not known');
  const ofEach = target.settings.alembic.project.includes('{release}');
  const project = target.projectOffline(release);
  const onHost = ofEach && !project.container;
  if (!onHost && !image)
    return missing(
      `those of ${release} are not at hand (alembic.project has no {release}, and there is no image)`,
    );
  const read = (folder: string) => mentionsIn(folder, taken);
  const mentions = onHost ? await read(project.cwd) : await inImage(image!, read, signal);
  return mentions
    ? tell(release, taken, mentions)
    : missing(`those of ${release} are not there, or too many`);
}

/** What cannot be copied out is not seen. */
const inImage = <T>({ place, id }: ReleaseImage, read: (folder: string) => Promise<T>, signal: AbortSignal) =>
  readImageFiles(place, id, read, signal).catch((error: unknown) => {
    if (error instanceof ToolFailed) return null;
    throw error;
  });

function tell(release: string, taken: readonly TakenName[], { files, found }: Mentions): Looked {
  const said = taken.map((name) => ({ word: wordOf(name), ...found[wordOf(name)] }));
  const used = said.filter(({ usage }) => usage === 'yes');
  const maybe = said.filter(({ usage }) => usage === 'maybe');
  const none = `${count(files, 'file')} of ${release} looked at: none names ${said.map(({ word }) => word).join(', ')}`;
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
