import type { BridgeContainer, ContainerChanges } from '../../adapters/alembic/project.js';
import { bridgeLabels, endBridges } from '../../adapters/compose/bridge-containers.js';
import { containersWith, inspectContainers } from '../../adapters/compose/containers.js';
import { docker } from '../../adapters/compose/docker.js';
import { imageNamed } from '../../adapters/compose/images.js';
import {
  environmentOf,
  serviceIn,
  type ComposeProject,
  type Service,
} from '../../adapters/compose/project.js';
import { dockerRun, networkOf, type ContainerRun } from '../../adapters/compose/run-container.js';
import { referenceFor, shortId } from '../../domain/image.js';
import { containerNeedsCompose, containerNeedsImage, migratesByHand } from '../../domain/problems/compose.js';
import { imageMissing } from '../../domain/problems/images.js';
import type { Target } from '../home.js';
import { runningContainer } from './names.js';
import { composeOf, placeOf } from './target.js';
import { connectionOf } from '../../adapters/postgres/connection.js';

/** A container in which the release's own Python drives Alembic. */
export function bridgeContainer(
  target: Target,
  release: string,
  changes: ContainerChanges = {},
): BridgeContainer {
  const { image } = changes;
  return {
    ...(image ? { where: `the image of release ${release} (${shortId(image)})` } : {}),
    with: (more) => bridgeContainer(target, release, { ...changes, ...more }),
    end: async (attempt) =>
      void (await endBridges(placeOf(target), target.name, attempt).catch(() => undefined)),
    command: async (program, environment, { attempt, stays, works }) => {
      const place = placeOf(target);
      const run = await runOf(target, release, changes);
      const labels = bridgeLabels(target.name, attempt, works === 'function' ? works : 'bridge');
      const lasting = stays && !changes.onCopy ? await lastingOf(run) : null;
      const { args, env } = dockerRun(
        {
          ...run,
          environment,
          labels: { ...labels, ...lasting?.labels },
          ...(lasting ? { name: lasting.name } : {}),
        },
        program,
      );
      // What leads to the database must be the container's: on a copy it is another one than compose has.
      return { file: 'docker', args, cwd: place.cwd, env: { ...place.env, ...env } };
    },
  };
}

type Surroundings = Omit<ContainerRun, 'environment' | 'labels' | 'name'>;

async function runOf(
  target: Target,
  release: string,
  { image, network, onCopy, cleaned }: ContainerChanges,
): Promise<Surroundings> {
  const { container = {}, project } = target.settings.alembic;
  const of = await composeOf(target, AbortSignal.timeout(60_000));
  const { service: name } = container;
  if (name && !of) throw containerNeedsCompose(target.name);
  const surroundingsOf = (service: Service) =>
    cleaned ? withCleaned(service, cleaned) : spared(service, target, onCopy);
  const from =
    of && name
      ? { ...of, service: surroundingsOf(serviceIn(of.composed, name, 'alembic.container.service')) }
      : undefined;
  return {
    image: image ?? (await imageFor(target, of, release)),
    network: network ?? container.network ?? (from ? networkOf(from) : 'host'),
    ...(from ? { from } : {}),
    ...(project === '.' ? {} : { workdir: project.replaceAll('{release}', release) }),
  };
}

/** On a copy nothing may be there that leads to the live database; what the settings name is led to the copy already. */
function spared(service: Service, target: Target, onCopy: boolean | undefined): Service {
  if (!onCopy) return service;
  const { password } = connectionOf(target.url());
  const all = Object.entries(environmentOf(service));
  return {
    ...service,
    environment: Object.fromEntries(all.filter(([, value]) => !password || !value.includes(password))),
  };
}

function withCleaned(service: Service, cleaned: NonNullable<ContainerChanges['cleaned']>): Service {
  const all = Object.entries(environmentOf(service));
  return {
    ...service,
    environment: Object.fromEntries(all.map(([name, value]) => [name, cleaned(name, value)])),
  };
}

/**
 * The image that a function of the user is taken from: the one that runs, whatever its tag means by now.
 *
 * @returns undefined where the settings name another one, compose does not start the application, or nothing runs
 */
export async function runningImage(target: Target, signal: AbortSignal): Promise<string | undefined> {
  const { container } = target.settings.alembic;
  const of = container && !container.image ? await composeOf(target, signal) : null;
  return of ? (await runningContainer(of, of.services[0] ?? ''))?.image : undefined;
}

/** @throws Problem `container-needs-image`, `image-missing` */
async function imageFor(
  target: Target,
  of: Awaited<ReturnType<typeof composeOf>>,
  release: string,
): Promise<string> {
  const named = target.settings.alembic.container?.image?.replaceAll('{release}', release);
  const place = placeOf(target);
  if (named) {
    const image = await imageNamed(place, named);
    if (!image) throw imageMissing(named);
    return image.id;
  }
  const reference = of?.images[0]?.reference;
  if (reference === undefined) throw containerNeedsImage(target.name);
  const image =
    (await imageNamed(place, referenceFor(reference, release))) ?? (await imageNamed(place, reference));
  if (!image) throw imageMissing(reference);
  return image.id;
}

/**
 * The container of a migration stays under the name that the runbook looks for, as if compose had made it: the next
 * `compose up` of the service by hand finds it by its labels and replaces it.
 *
 * @throws Problem `migrates-by-hand`
 */
async function lastingOf({
  from,
}: Surroundings): Promise<{ name: string; labels: Record<string, string> } | null> {
  if (!from) return null;
  const { project, service, composed: all } = from;
  const key = Object.entries(all.services).find(([, each]) => each === service)?.[0] ?? '';
  const name = service.container_name ?? composeName(project, key);
  await makeRoom(project, name, key);
  const labels = {
    'com.docker.compose.project': project.name,
    'com.docker.compose.service': key,
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.config-hash': 'lockkeeper',
    'com.docker.compose.version': project.tool.version,
  };
  return { name, labels };
}

const composeName = ({ name, tool }: ComposeProject, service: string): string =>
  tool.isV1 ? `${name}_${service}_1` : `${name}-${service}-1`;

async function makeRoom(
  { place, name: project }: ComposeProject,
  name: string,
  service: string,
): Promise<void> {
  const labels = { 'com.docker.compose.project': project, 'com.docker.compose.service': service };
  const known = [...(await inspectContainers(place, [name])), ...(await containersWith(place, labels))];
  for (const { id, status, labels: its, name: called } of known) {
    const isOurs = its['lockkeeper.role'] === 'bridge';
    if (!isOurs && (status === 'running' || status === 'restarting')) throw migratesByHand(called);
    if (status === 'running') continue; // an orphan of ours: the advisory lock tells, and `settle` ends it
    await docker(place, ['rm', id]).catch(() => undefined); // it is in both lists
  }
}
