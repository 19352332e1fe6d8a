import { runningContainers, type Container } from '../../adapters/compose/containers.js';
import { imageNamed, type Image } from '../../adapters/compose/images.js';
import { repositoryOf, shortId } from '../../domain/image.js';
import { foundOr, when, type Looked, type OldCodeEvidence } from '../../domain/old-code.js';
import { count } from '../../domain/units.js';
import { imageOfRelease } from '../compose/names.js';
import type { ComposeTarget } from '../compose/target.js';
import { readPlan } from '../plans.js';
import type { OldCodeAsked } from './asked.js';

/** What the containers say, and where those of the release are. */
export interface ContainersLooked extends Looked {
  /** Addresses of containers that run the release, or a later one; null: they could not be looked at. */
  addresses: readonly string[] | null;
  /** When the first of them was started: ISO 8601. */
  began: string | null;
}

const SOURCE = 'containers';
const PROJECT = 'com.docker.compose.project';

/**
 * Containers that run an image of the application that is not the release's: those of the compose project, and those that
 * somebody has started beside it, such as a worker that was forgotten.
 *
 * @throws Problem `docker-unreachable`, `docker-no-rights`, `missing-tool`
 */
export async function lookAtContainers(of: ComposeTarget, asked: OldCodeAsked): Promise<ContainersLooked> {
  const { place } = of.project;
  const wanted = await imagesOf(of, asked);
  const release = asked.release ?? '';
  if (!wanted.size) {
    const missing = [`${SOURCE}: the image of ${release || 'the release'} is not known on this host`];
    return { evidence: [], missing, addresses: null, began: null };
  }
  const running = (await runningContainers(place)).filter(({ labels }) => !labels['lockkeeper.role']);
  const images = new Map<string, Image | null>();
  for (const id of new Set(running.map(({ image }) => image))) images.set(id, await imageNamed(place, id));
  const own = running.filter((one) => isApplication(of, one, images.get(one.image) ?? null));
  const [ours, others] = parted(own, ({ labels }) => [undefined, of.project.name].includes(labels[PROJECT]));
  const [newer, older] = parted(ours, ({ image }) => wanted.has(image));
  const none = `${count(newer.length, 'container')} of the application on this engine, each on the image of ${release} or later`;
  const looked = foundOr(
    older.map((one) => tell(one, release, wanted)),
    { source: SOURCE, says: none, holds: true },
  );
  return {
    evidence: [...looked.evidence, ...foreign(others.filter(({ image }) => !wanted.has(image)))],
    missing: [],
    addresses: newer.flatMap(({ addresses }) => addresses),
    began: newer.map(({ startedAt }) => startedAt).sort()[0] ?? null,
  };
}

/** Ids of the images that are the release, and of those that were deployed since. */
async function imagesOf(of: ComposeTarget, { target, release, later }: OldCodeAsked): Promise<Set<string>> {
  const ids = new Set<string>();
  if (release !== null)
    for (const { reference } of of.images) {
      const image = await imageOfRelease(target, of, reference, release);
      if (image) ids.add(image.id);
    }
  for (const { planHash } of later) {
    const plan = await readPlan(target.config.state, planHash).catch(() => null);
    for (const { id } of plan?.images ?? []) ids.add(id);
  }
  return ids;
}

/** By its service, or by the repository of its image: whoever started it, under whichever tag. */
function isApplication(of: ComposeTarget, container: Container, image: Image | null): boolean {
  const { labels, reference } = container;
  const service = labels[PROJECT] === of.project.name ? labels['com.docker.compose.service'] : undefined;
  if (service !== undefined && of.services.includes(service)) return true;
  const known = [reference, ...(image?.tags ?? []), ...(image?.digests ?? [])].map(repositoryIn);
  return of.images.some((each) => known.includes(repositoryIn(each.reference)));
}

const repositoryIn = (reference: string): string => repositoryOf(reference).repository;

function tell(container: Container, release: string, wanted: ReadonlySet<string>): OldCodeEvidence {
  const { name, image, reference, startedAt, status } = container;
  const named =
    reference.startsWith('sha256:') || shortId(image).startsWith(reference) ? '' : `${reference}, `;
  const is = status === 'running' ? '' : `, ${status}`;
  const newest = [...wanted].map(shortId).join(', ');
  return {
    source: SOURCE,
    says: `the container ${name} runs ${named}image ${shortId(image)}, since ${when(startedAt)}${is}; ${release} is image ${newest}`,
    holds: false,
    next: [`docker stop ${name}`],
  };
}

/** Of another compose project: another deployment of the same application, such as staging. */
function foreign(others: readonly Container[]): OldCodeEvidence[] {
  if (!others.length) return [];
  const names = others.map(({ name, labels }) => `${name} (compose project ${labels[PROJECT]})`).join(', ');
  return [{ source: SOURCE, says: `not of this target, and on other images: ${names}`, holds: true }];
}

function parted<T>(all: readonly T[], is: (one: T) => boolean): [T[], T[]] {
  return [all.filter(is), all.filter((one) => !is(one))];
}
