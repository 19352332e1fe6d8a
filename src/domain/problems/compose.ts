import { Problem } from '../problem.js';
import { engineFull, isEngineFull } from './images.js';

const LOOK = 'lockkeeper doctor tries it again';

/** The engine does not answer. It may be starting again. */
export const dockerUnreachable = (why: string) =>
  new Problem('docker-unreachable', {
    what: 'the Docker engine does not answer',
    why,
    next: ['start it: systemctl start docker', 'or set DOCKER_HOST for the worker', LOOK],
    retry: true,
  });

/**
 * In the words of the docker CLI and of docker-compose 1.29 about the engine's socket. Of a file in the image that may not be
 * run they say `permission denied`, too.
 */
export const isNoRights = (words: string): boolean =>
  /permission denied while trying to connect|connect: permission denied|PermissionError\(13/i.test(words);

export const dockerNoRights = (why: string) =>
  new Problem('docker-no-rights', {
    what: 'the worker may not use the Docker engine',
    why,
    next: ['add its user to the group docker (usermod -aG docker USER), then start the worker anew', LOOK],
    retry: false,
  });

export const composeNotFound = () =>
  new Problem('compose-not-found', {
    what: 'neither the plugin `docker compose` nor docker-compose was found',
    next: ['install one of them, or name it: deploy.compose.command', LOOK],
    retry: false,
  });

export const composeInvalid = (files: readonly string[], why: string) =>
  new Problem('compose-invalid', {
    what: `compose does not accept ${files.join(', ')}`,
    why,
    next: ['correct it, or set what it refers to: deploy.environment, or .env beside it'],
    retry: false,
  });

export const noSuchService = (service: string, known: readonly string[], setting: string) =>
  new Problem('no-such-service', {
    what: `${setting} names ${service}, which the compose file does not have`,
    ...(known.length ? { why: `it has ${known.join(', ')}` } : {}),
    next: [`correct ${setting} in lockkeeper.yaml`],
    retry: false,
  });

export const serviceWithoutImage = (service: string) =>
  new Problem('service-without-image', {
    what: `the service ${service} has no image: a release could not be told from the one before`,
    next: [`give it a name, beside its build: image: ${service}:latest`],
    retry: false,
  });

const isPortTaken = (why: string): boolean => /port is already allocated|address already in use/i.test(why);
const WHO_HAS_IT = 'find who has the port: ss -ltnp';

/** `up` itself failed: a port that is taken, a folder that cannot be mounted. */
export const upFailed = (services: readonly string[], why: string) => {
  const what = `compose could not start ${services.join(', ')}`;
  if (isEngineFull(why)) return engineFull(what, '', why);
  const next = [isPortTaken(why) ? WHO_HAS_IT : 'correct what it says', 'then start again'];
  return new Problem('up-failed', { what, why, next, retry: false });
};

/** docker-compose 1.29 reads a field that engines leave out since version 26. */
export const composeTooOld = (version: string) =>
  new Problem('compose-too-old', {
    what: `docker-compose ${version} cannot replace containers on this engine`,
    why: "KeyError: 'ContainerConfig'",
    next: ['install the plugin: docker-compose-plugin, or docker-compose-v2'],
    retry: false,
  });

export const containerFailed = (service: string, state: string, lastWords: string) =>
  new Problem('container-failed', {
    what: `the container of ${service} ${state}`,
    why: lastWords || 'it printed nothing',
    next: [
      ...(isPortTaken(lastWords) ? [WHO_HAS_IT] : []),
      'correct the release, or its settings in the compose file, and start again',
    ],
    retry: false,
  });

/** Compose says that it is done, and something else runs. */
export const notWhatWasStarted = (service: string, why: string) =>
  new Problem('not-what-was-started', {
    what: `${service} does not run as it was started`,
    why,
    next: ['does somebody else deploy at this moment? docker ps', 'then start again'],
    retry: false,
  });

/** A person, or a script, migrates by the compose file at this moment. */
export const migratesByHand = (container: string) =>
  new Problem('migrates-by-hand', {
    what: `the container ${container} migrates at this moment, and Lockkeeper has not started it`,
    next: [`wait for its end: docker wait ${container}`, 'then start again: what it did is looked at first'],
    retry: false,
  });

export const containerNeedsCompose = (target: string) =>
  new Problem('container-needs-compose', {
    what: `alembic.container of ${target} names a service, and deploy.compose does not say of which compose file`,
    next: ['set deploy.compose.file, or leave alembic.container.service out'],
    retry: false,
  });

export const containerNeedsImage = (target: string) =>
  new Problem('container-needs-image', {
    what: `alembic.container of ${target} does not say which image it runs`,
    next: ['set deploy.compose, whose image it takes, or alembic.container.image'],
    retry: false,
  });

/** The engine's own words say why: no such program in the image, no such network, a folder that cannot be mounted. */
export const containerNotStarted = (python: string, why: string) => {
  if (isNoRights(why)) return dockerNoRights(why);
  if (/docker daemon/i.test(why)) return dockerUnreachable(why);
  const what = `${python} did not start in a container of the release`;
  if (isEngineFull(why)) return engineFull(what, '', why);
  return new Problem('container-not-started', {
    what,
    why: why || 'it said nothing',
    next: ['correct alembic.python (a path in the image) or alembic.container', LOOK],
    retry: false,
  });
};

/** An orphan that cannot be ended: it may still change the database. */
export const containerStays = (names: readonly string[]) =>
  new Problem('container-stays', {
    what: `${names.join(', ')} of an earlier attempt does not end`,
    next: [`end it by hand: docker rm --force ${names.join(' ')}`],
    retry: true,
  });
