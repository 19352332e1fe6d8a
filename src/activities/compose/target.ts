import type { Place } from '../../adapters/compose/docker.js';
import {
  composed,
  composeProject,
  environmentOf,
  serviceIn,
  type Composed,
  type ComposeProject,
} from '../../adapters/compose/project.js';
import { masker } from '../../domain/mask.js';
import { serviceWithoutImage } from '../../domain/problems/compose.js';
import type { Target } from '../home.js';

/** A target that is started by docker compose, read now. */
export interface ComposeTarget {
  project: ComposeProject;
  /** Holds secrets. */
  composed: Composed;
  /** The application first. */
  services: readonly string[];
  /** Each image with the services that run it, the application's first. */
  images: readonly { reference: string; services: readonly string[] }[];
  /** The two services that are the application by turns; null: it is the first one. */
  pair: readonly string[] | null;
  /** Takes out the secrets of the compose file, too. */
  mask: (text: string) => string;
}

/** From where the target's docker and compose are called. */
export const placeOf = (target: Target): Place => {
  const { cwd = target.config.folder, env = {} } = target.command(['true'], {});
  return { cwd, env };
};

export const asList = <T>(one: T | readonly T[]): readonly T[] =>
  (Array.isArray(one) ? one : [one]) as readonly T[];

/**
 * @returns null where the target is not started by compose
 * @throws Problem `compose-not-found`, `compose-invalid`, `no-such-service`, `service-without-image`
 */
export function composeOf(target: Target, signal: AbortSignal): Promise<ComposeTarget | null> {
  const settings = target.settings.deploy?.compose;
  if (!settings) return Promise.resolve(null);
  const known = read.get(target);
  if (known) return known;
  const now = readCompose(target, settings, signal);
  read.set(target, now);
  now.catch(() => read.delete(target));
  return now;
}

/** A target is read anew for each step, and so is its compose file: version 1 takes a second or two for it. */
const read = new WeakMap<Target, Promise<ComposeTarget>>();

type Settings = NonNullable<NonNullable<Target['settings']['deploy']>['compose']>;

async function readCompose(target: Target, settings: Settings, signal: AbortSignal): Promise<ComposeTarget> {
  const project = await composeProject(placeOf(target), {
    files: asList(settings.file),
    name: settings.project,
    ...(settings.command ? { command: asList(settings.command) } : {}),
  });
  const all = await composed(project, signal);
  const services = asList(settings.services);
  const images = new Map<string, string[]>();
  for (const name of services) {
    const { image } = serviceIn(all, name, 'deploy.compose.services');
    if (!image) throw serviceWithoutImage(name);
    images.set(image, [...(images.get(image) ?? []), name]);
  }
  const secrets = masker(secretsIn(all));
  return {
    ...{ project, composed: all, services },
    pair: settings.way === 'blue-green' ? services.slice(0, 2) : null,
    images: [...images].map(([reference, of]) => ({ reference, services: of })),
    mask: (text) => secrets(target.mask(text)),
  };
}

const NAMES_A_SECRET = /(PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|DSN|URL)/i;

const secretsIn = ({ services }: Composed): string[] =>
  Object.values(services).flatMap((service) =>
    Object.entries(environmentOf(service)).flatMap(([name, value]) =>
      NAMES_A_SECRET.test(name) ? [value] : [],
    ),
  );
