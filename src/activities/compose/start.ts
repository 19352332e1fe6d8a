import { resolve } from 'node:path';
import { untilEngineAnswers } from '../../adapters/compose/docker.js';
import { imageNamed, letImagesGo, tagImage } from '../../adapters/compose/images.js';
import { ways } from '../../adapters/compose/swap.js';
import type { PeerSwitch } from '../../adapters/closure/peers.js';
import { keptTag, repositoryOf, shortId, type PlannedImage } from '../../domain/image.js';
import { imageGone, imageMissing } from '../../domain/problems/images.js';
import type { Plan } from '../../domain/plan.js';
import { logOf, logWriter } from '../commands.js';
import type { Target } from '../home.js';
import type { Work } from '../work.js';
import { imageOfRelease, runningContainer } from './names.js';
import type { ComposeTarget } from './target.js';

export interface ComposeStart {
  target: Target;
  plan: Pick<Plan, 'release' | 'running' | 'images'>;
  /** `back`: what ran before, instead of the plan's. */
  back: boolean;
  runId: string;
  work: Work;
}

/** An engine that is upgraded is back in seconds; with its containers in half a minute. */
const ENGINE_MS = 60_000;

/** One image of the compose file, and what it is to be. */
interface Wanted {
  reference: string;
  services: readonly string[];
  id: string;
  /** What ran before the run; null: nothing, or nobody knows. */
  before: string | null;
  /** What the run starts, which is what runs when it goes back; null: nobody knows. */
  forward: string | null;
}

/**
 * Starts the images of a plan, or those that ran before it, by compose: the compose file's name of each image is made to
 * lead to it, the one that ran is kept under the backup tag, and the services are swapped in the way of the settings. All
 * of it is safe to begin again.
 *
 * @returns how it went, for the record
 * @throws Problem `image-gone`, `image-missing`; those of the way
 */
export async function startByCompose(of: ComposeTarget, start: ComposeStart): Promise<string> {
  const { target, back, runId, work } = start;
  const deploy = target.settings.deploy!;
  const settings = deploy.compose!;
  await untilEngineAnswers(of.project.place, { ...work, waitMs: ENGINE_MS });
  const wanted = await wantedImages(of, start);
  const notes = await Promise.all(wanted.map((one) => foreignNote(of, one)));
  for (const one of wanted) await makeNames(of, one, { backupTag: back ? null : settings.backupTag });
  const write = await logWriter(logOf(target, runId, 'deploy'), of.mask);
  const deadline = AbortSignal.timeout(deploy.timeoutSeconds * 1000);
  const signal = AbortSignal.any([work.signal, deadline]);
  const images = new Map(wanted.flatMap(({ services, id }) => services.map((each) => [each, id] as const)));
  const swapped = await ways[settings.way]({
    ...{ project: of.project, services: of.services, images, peers: peersOf(target) },
    healthy: {
      ...{ seconds: settings.healthySeconds, logLines: settings.logLines, mask: of.mask, signal },
      progress: work.progress,
    },
    shell: {
      signal,
      ...(work.onTool ? { onStart: work.onTool } : {}),
      onLine: (line) => {
        void write(line);
        work.progress(of.mask(line));
      },
    },
  }).finally(() => write.flushed());
  const gone = back ? [] : await tidy(of, wanted, settings.keepImages);
  const ids = wanted.map(({ id }) => shortId(id)).join(', ');
  const letGo = gone.length ? `; let go: ${gone.join(', ')}` : '';
  return `image ${ids}; ${swapped}${notes.join('')}${letGo}`;
}

function peersOf({ config, settings }: Target): PeerSwitch | null {
  const peers = settings.deploy?.peers;
  return peers ? { ...peers, file: resolve(config.folder, peers.file) } : null;
}

/** @throws Problem `image-gone`, `image-missing` */
export async function wantedImages(
  of: ComposeTarget,
  { plan, back, target }: Pick<ComposeStart, 'target' | 'plan' | 'back'>,
): Promise<Wanted[]> {
  const release = back ? plan.running : plan.release;
  return Promise.all(
    of.images.map(async ({ reference, services }) => {
      const planned = plan.images?.find((each) => each.reference === reference);
      const id = planned ? idOf(planned, back) : null;
      const image = id
        ? await imageNamed(of.project.place, id)
        : await imageOfRelease(target, of, reference, release ?? '');
      if (!image) throw id ? imageGone(reference, id) : imageMissing(`${reference} (release ${release})`);
      const { running: before = null, id: forward = null } = planned ?? {};
      return { reference, services, id: image.id, before, forward };
    }),
  );
}

const idOf = ({ id, running }: PlannedImage, back: boolean): string | null => (back ? running : id);

/** The names come first: `up` starts what they lead to. */
async function makeNames(
  { project: { place } }: ComposeTarget,
  { reference, id, before }: Wanted,
  { backupTag }: { backupTag: string | null },
): Promise<void> {
  // Of an attempt before this one, which may have replaced it: what ran is what the plan says, not what runs.
  if (before && before !== id && (await imageNamed(place, before))) {
    await tagImage(place, before, keptTag(reference, before));
    if (backupTag) await tagImage(place, before, `${repositoryOf(reference).repository}:${backupTag}`);
  }
  if (!reference.includes('@')) await tagImage(place, id, reference);
}

/**
 * Somebody has started another image since the plan was made, where no comparison comes before. What is about to be
 * replaced, whoever has started it, is kept by name.
 */
async function foreignNote(of: ComposeTarget, wanted: Wanted): Promise<string> {
  const { services, reference, id, before, forward } = wanted;
  const container = await runningContainer(of, services[0] ?? '');
  if (!container || container.image === id || before === null || container.image === before) return '';
  await tagImage(of.project.place, container.image, keptTag(reference, container.image)).catch(
    () => undefined,
  );
  if (container.image === forward) return '';
  return `; INSTEAD OF ${shortId(before)} RAN ${shortId(container.image)}: somebody has started it by hand`;
}

/** @returns tags that were taken away */
async function tidy(of: ComposeTarget, wanted: readonly Wanted[], most: number): Promise<string[]> {
  const all = await Promise.all(
    wanted.map(({ reference, id, before }) =>
      letImagesGo(of.project.place, reference, { keep: new Set([id, before ?? id]), most }),
    ),
  );
  return all.flat();
}
