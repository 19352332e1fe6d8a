import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containersOf, type Container } from '../../adapters/compose/containers.js';
import { writeAtomically } from '../../adapters/disk.js';
import { imageNamed, type Image } from '../../adapters/compose/images.js';
import { keptTag, referenceFor, shortId } from '../../domain/image.js';
import { isReleaseName } from '../../domain/release-name.js';
import type { Target } from '../home.js';
import type { ComposeTarget } from './target.js';

/** Names that people gave to releases: by name, of each image its id. */
type Names = Record<string, Record<string, string>>;

const pathOf = ({ config, name }: Target) => join(config.state, 'releases', `${name}.json`);

async function namesOf(target: Target): Promise<Names> {
  const text = await readFile(pathOf(target), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Names;
}

/** Notes which images are meant by the name of a release. */
export async function keepName(
  target: Target,
  name: string,
  ids: Readonly<Record<string, string>>,
): Promise<void> {
  const { [name]: _, ...others } = await namesOf(target);
  await writeAtomically(pathOf(target), JSON.stringify({ ...others, [name]: ids }, null, 1));
}

/** The name that was given to an image last; else its version (label) and the beginning of its id. */
export async function releaseNamed(target: Target, reference: string, image: Image): Promise<string> {
  const given = Object.entries(await namesOf(target)).findLast(([, ids]) => ids[reference] === image.id);
  if (given) return given[0];
  const version = image.labels['org.opencontainers.image.version'] ?? '';
  const name = `${version}-${shortId(image.id)}`;
  return isReleaseName(name) ? name : shortId(image.id);
}

/** The image of a release by its name alone, where no plan says its id. */
export async function imageOfRelease(
  target: Target,
  { project: { place } }: ComposeTarget,
  reference: string,
  release: string,
): Promise<Image | null> {
  const known = (await namesOf(target))[release]?.[reference];
  if (known) return imageNamed(place, known);
  const kept = keptTag(reference, release.slice(-12));
  return (await imageNamed(place, referenceFor(reference, release))) ?? imageNamed(place, kept);
}

/** What runs of a service now, or of its pair: a container that runs, else the one that was started last. */
export async function runningContainer(
  { project, pair }: ComposeTarget,
  service: string,
): Promise<Container | undefined> {
  const services = pair?.includes(service) ? pair : [service];
  const all = (await Promise.all(services.map((each) => containersOf(project, each)))).flat();
  const byStart = all.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return (
    byStart.find(({ status }) => status === 'running') ?? byStart.find(({ status }) => status !== 'created')
  );
}

/** Name of the release that runs now; null when nothing does. */
export async function runningByCompose(target: Target, of: ComposeTarget): Promise<string | null> {
  const [{ reference, services }] = of.images as [ComposeTarget['images'][number]];
  const container = await runningContainer(of, services[0] ?? '');
  if (!container) return null;
  const image = await imageNamed(of.project.place, container.image);
  return image ? releaseNamed(target, reference, image) : shortId(container.image);
}
