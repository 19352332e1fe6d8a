import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compose } from '../../adapters/compose/project.js';
import { imageNamed, pull, tagImage, whyNotFetched, type Image } from '../../adapters/compose/images.js';
import { keptTag, referenceFor, repositoryOf, type PlannedImage } from '../../domain/image.js';
import { imageMissing } from '../../domain/problems/images.js';
import type { ShellOptions } from '../../adapters/shell.js';
import type { Plan } from '../../domain/plan.js';
import type { Target } from '../home.js';
import { keepName, releaseNamed, runningContainer } from './names.js';
import { composeOf, type ComposeTarget } from './target.js';

/**
 * Brings the images of a release here, and keeps each by a tag of our own: what people approve days later is there
 * still, whatever is pulled or pruned meanwhile.
 *
 * An image that people have put back by hand (`docker tag …:backup …:latest`) is taken as it is: to pull would undo that.
 *
 * @param named - the release, as people or `release.next` named it; undefined: what the compose file names
 * @returns the release's name, and what there is to say of it, in words to put behind others
 * @throws Problem `image-not-fetched`, `image-missing`, `disk-full`
 */
export async function fetchByCompose(
  target: Target,
  of: ComposeTarget,
  named: string | undefined,
  shell: ShellOptions,
): Promise<{ name: string; note: string }> {
  const { place } = of.project;
  const byHand = named === undefined && (await isPutBackByHand(target, of));
  const how = byHand ? 'none' : (target.settings.deploy?.compose?.fetch ?? 'none');
  if (how === 'build') await build(of, shell);
  const found: { reference: string; image: Image }[] = [];
  for (const { reference } of of.images) {
    const wanted = named === undefined ? reference : referenceFor(reference, named);
    if (how === 'pull') await pull(place, wanted, shell);
    if (how === 'build' && wanted !== reference) await tagImage(place, reference, wanted);
    const image = await imageNamed(place, wanted);
    if (!image) throw imageMissing(wanted);
    await tagImage(place, image.id, keptTag(reference, image.id));
    found.push({ reference, image });
  }
  if (named !== undefined) {
    await keepName(target, named, Object.fromEntries(found.map((each) => [each.reference, each.image.id])));
    return { name: named, note: '' };
  }
  const [{ reference, image }] = found as [(typeof found)[number]];
  const note = byHand ? `; ${reference} was put back by hand: it is not fetched again` : '';
  return { name: await releaseNamed(target, reference, image), note };
}

/** As the runbook has it. The image that runs is the one that is to be put back, so that it is another one. */
async function isPutBackByHand(target: Target, of: ComposeTarget): Promise<boolean> {
  const [{ reference, services }] = of.images as [ComposeTarget['images'][number]];
  const { place } = of.project;
  const tag = target.settings.deploy?.compose?.backupTag ?? '';
  const backup = await imageNamed(place, `${repositoryOf(reference).repository}:${tag}`);
  if (!backup || (await imageNamed(place, reference))?.id !== backup.id) return false;
  const container = await runningContainer(of, services[0] ?? '');
  return container !== undefined && container.image !== backup.id;
}

async function build({ project, services }: ComposeTarget, shell: ShellOptions): Promise<void> {
  try {
    await compose(project, ['build', ...services], shell);
  } catch (error) {
    throw await whyNotFetched(project.place, services.join(', '), 'build', error);
  }
}

/** What of a plan is compose's: nothing where the target is not started by it. */
export type ComposeFacts = Pick<Plan, 'images' | 'composeFiles'>;

/**
 * What a release would run, and what runs now, by their ids, and the files that say how. Asked again right before the
 * migration: a tag that was moved, a file that was edited, and what somebody has started by hand, show in it.
 *
 * @throws Problem `image-missing`
 */
export async function composeFacts(
  target: Target,
  release: string,
  signal: AbortSignal,
): Promise<ComposeFacts> {
  const of = await composeOf(target, signal);
  if (!of) return {};
  const images = await Promise.all(of.images.map((each) => plannedImage(of, each, release)));
  const composeFiles = await Promise.all(
    of.project.files.map(async (file) => {
      const bytes = await readFile(resolve(of.project.place.cwd, file));
      return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
  return { images, composeFiles };
}

async function plannedImage(
  of: ComposeTarget,
  { reference, services }: ComposeTarget['images'][number],
  release: string,
): Promise<PlannedImage> {
  const { place } = of.project;
  const image =
    (await imageNamed(place, referenceFor(reference, release))) ?? (await imageNamed(place, reference));
  if (!image) throw imageMissing(reference);
  const container = await runningContainer(of, services[0] ?? '');
  const digest = image.digests[0] ?? null;
  return { services, reference, id: image.id, digest, running: container?.image ?? null };
}
