import { isKeptTag, keptTag, repositoryOf } from '../../domain/image.js';
import { engineFull, imageGone, imageNotFetched, isEngineFull } from '../../domain/problems/images.js';
import { bytes } from '../../domain/units.js';
import { freeBytes } from '../disk.js';
import { ToolFailed, type ShellOptions } from '../shell.js';
import { docker, parsed, type Place } from './docker.js';

export interface Image {
  /** `sha256:…` of its configuration. */
  id: string;
  tags: readonly string[];
  /** `repository@sha256:…`; empty for one that was built here. */
  digests: readonly string[];
  labels: Readonly<Record<string, string>>;
  /** ISO 8601. */
  createdAt: string;
}

interface Inspected {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Created: string;
  Config: { Labels: Record<string, string> | null } | null;
}

/** @returns null when it is not on this host */
export async function imageNamed(place: Place, reference: string): Promise<Image | null> {
  try {
    const line = await docker(place, ['image', 'inspect', '--format', '{{json .}}', reference]);
    const { Id, RepoTags, RepoDigests, Created, Config } = parsed<Inspected>(line);
    return {
      ...{ id: Id, tags: RepoTags ?? [], digests: RepoDigests ?? [] },
      ...{ labels: Config?.Labels ?? {}, createdAt: Created },
    };
  } catch (error) {
    if (error instanceof ToolFailed && /no such (image|object)|invalid reference format/i.test(error.stderr))
      return null;
    throw error;
  }
}

/** @throws Problem `image-not-fetched`, `disk-full` */
export async function pull(place: Place, reference: string, options: ShellOptions): Promise<void> {
  try {
    await docker(place, ['pull', reference], options);
  } catch (error) {
    throw await whyNotFetched(place, reference, 'pull', error);
  }
}

/** What the tools say when an image does not come here, as a Problem. */
export async function whyNotFetched(
  place: Place,
  reference: string,
  how: 'pull' | 'build',
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ToolFailed)) return error;
  const words = error.lastWords();
  if (!isEngineFull(words)) return imageNotFetched(reference, how, words);
  const what = `the image ${reference} could not be ${how === 'pull' ? 'pulled' : 'built'}`;
  return engineFull(what, await engineFolder(place), words);
}

/** Where the engine keeps images, and what is free there; empty where that cannot be told, as of one on another host. */
async function engineFolder(place: Place): Promise<string> {
  const host = place.env['DOCKER_HOST'] ?? process.env['DOCKER_HOST'] ?? 'unix://';
  if (!host.startsWith('unix://')) return '';
  try {
    const folder = await docker(place, ['info', '--format', '{{.DockerRootDir}}']);
    return `${folder} (${bytes(await freeBytes(folder))} free now)`;
  } catch {
    return '';
  }
}

/**
 * Gives an image a further name.
 *
 * @throws Problem `image-gone`; the name then stays where it was
 */
export async function tagImage(place: Place, id: string, as: string): Promise<void> {
  try {
    await docker(place, ['tag', id, as]);
  } catch (error) {
    if (error instanceof ToolFailed && /no such image/i.test(error.stderr)) throw imageGone(as, id);
    throw error;
  }
}

/**
 * Lets images of former releases go, by taking away our own tags only: an image goes with its last tag. Never by
 * id: of several tags the engine takes all but the last away, and then refuses.
 *
 * @param keep - ids that are in use: they stay whatever their age
 * @param most - how many others stay, the newest
 * @returns the tags that were taken away
 */
export async function letImagesGo(
  place: Place,
  reference: string,
  { keep, most }: { keep: ReadonlySet<string>; most: number },
): Promise<string[]> {
  const { repository } = repositoryOf(reference);
  const listed = await docker(place, [
    ...['image', 'ls', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}', repository],
  ]);
  const kept = listed
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, tag = '']) => isKeptTag(tag));
  const images = await Promise.all(kept.map(([id = '']) => imageNamed(place, id)));
  const old = images
    .filter((image): image is Image => image !== null && !keep.has(image.id))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .slice(most);
  const gone: string[] = [];
  for (const { id } of old) {
    const inUse = await docker(place, ['ps', '--all', '--quiet', '--filter', `ancestor=${id}`]);
    if (inUse) continue;
    const tag = keptTag(reference, id);
    // A moment ago nothing used it; the engine refuses by itself where something does now.
    await docker(place, ['rmi', tag]).then(
      () => gone.push(tag),
      () => undefined,
    );
  }
  return gone;
}
