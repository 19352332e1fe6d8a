import { composeTooOld, upFailed } from '../../domain/problems/compose.js';
import type { PeerSwitch } from '../closure/peers.js';
import { ToolFailed, type ShellOptions } from '../shell.js';
import { untilContainersHealthy, type HealthyOptions } from './healthy.js';
import { compose, type ComposeProject } from './project.js';

/**
 * What takes the place of what runs. By now the compose file's names of images lead to the wanted ones, so that `up`
 * starts them; `images` says which ones those are.
 */
export interface Swap {
  project: ComposeProject;
  /** The application first. */
  services: readonly string[];
  /** Of each service the id of the image that it is to run. */
  images: ReadonlyMap<string, string>;
  /** Time-outs, secrets, and where to say how it goes. */
  healthy: Omit<HealthyOptions, 'image'>;
  /** For each compose command: its lines go to the log, its process is noted for a worker that dies. */
  shell: ShellOptions;
  /** Between which addresses nginx is moved; null: the settings do not say. */
  peers: PeerSwitch | null;
}

/**
 * One way to swap. It must be safe to begin again at any moment: it looks at what is there, and goes on from that. It
 * ends well only when every service runs its image, and nothing else of it runs.
 *
 * @returns how it went, for the record
 * @throws Problem `up-failed`, `container-failed`, `not-what-was-started`
 */
export type Way = (swap: Swap) => Promise<string>;

/** The settings' `deploy.compose.way`. */
export type WayName = 'recreate' | 'rolling' | 'blue-green';

/**
 * `compose up` of exactly these services: not of what they depend on, nothing is built, nothing is pulled.
 *
 * @param flags - of both versions only
 * @throws Problem `up-failed`, `compose-too-old`
 */
export async function up(
  { project, shell }: Swap,
  services: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  const { isV1, version } = project.tool;
  const all = ['--detach', '--no-deps', '--no-build', ...(isV1 ? [] : ['--pull', 'never']), ...flags];
  try {
    await compose(project, ['up', ...all, ...services], shell);
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const words = error.lastWords(10);
    if (isV1 && words.includes("KeyError: 'ContainerConfig'")) throw composeTooOld(version);
    throw upFailed(services, swapWords(words));
  }
}

/** Waits for all services of the swap. @returns how it went, for the record */
export async function allHealthy({ project, services, images, healthy }: Swap): Promise<string> {
  const notes: string[] = [];
  for (const service of services)
    notes.push(
      await untilContainersHealthy(project, service, { ...healthy, image: images.get(service) ?? '' }),
    );
  return notes.join('; ');
}

/** Version 1 says each error twice, and for whom before that. */
const swapWords = (words: string): string =>
  [...new Set(words.split('\n').map((line) => line.replace(/^ERROR: /, '').trim()))]
    .filter((line) => line && !/^(Recreating|Creating|Starting|Pulling) .*\.\.\.( |$)/.test(line))
    .join('; ');
