import { environmentOf, type Composed, type ComposeProject, type Service } from './project.js';

/** How a command is run in a container of its own. */
export interface ContainerRun {
  /** Id or name of the image. It is never pulled. */
  image: string;
  network: string;
  /** The service whose surroundings are taken. */
  from?: { service: Service; composed: Composed; project: ComposeProject };
  /** Set for it besides those of the service, and over them. */
  environment: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  /** Folder in the image; default: that of the service, else the image's own. */
  workdir?: string;
  /** Given to a container that stays when it has ended, for `docker logs`; without it nothing stays. */
  name?: string;
}

/** These lead the docker CLI itself: it must not be told to find them in its own environment. */
const OF_THE_CLI = /^(PATH|HOME|LD_|DOCKER_|TMPDIR$|PWD$)/;

/**
 * `docker run` of a command, with standard input open. Whatever the image's entrypoint does is left out.
 *
 * @returns its arguments, and what must be in the CLI's environment: values are named in arguments, and never stand there
 */
export function dockerRun(
  run: ContainerRun,
  [program = '', ...args]: readonly string[],
): { args: string[]; env: Record<string, string> } {
  const { image, network, from, labels, name } = run;
  const environment = { ...(from ? environmentOf(from.service) : {}), ...run.environment };
  const workdir = run.workdir ?? from?.service.working_dir;
  const all = [
    ...['run', '--interactive', '--init', '--pull', 'never', '--no-healthcheck'],
    ...(name ? ['--name', name] : ['--rm']),
    ...Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]),
    ...['--network', network],
    ...Object.entries(environment).flatMap(([variable, value]) => [
      '--env',
      OF_THE_CLI.test(variable) ? `${variable}=${value}` : variable,
    ]),
    ...(workdir ? ['--workdir', workdir] : []),
    ...(from ? surroundings(from) : []),
    ...['--entrypoint', program, image, ...args],
  ];
  const named = Object.entries(environment).filter(([variable]) => !OF_THE_CLI.test(variable));
  return { args: all, env: Object.fromEntries(named) };
}

/** The network that a service is in, as the engine names it. Of several the first one. */
export function networkOf({ service, composed, project }: NonNullable<ContainerRun['from']>): string {
  if (service.network_mode) return service.network_mode;
  const { networks } = service;
  const [first = 'default'] = Array.isArray(networks) ? networks : Object.keys(networks ?? {});
  return named(first, composed.networks?.[first], project.name);
}

function surroundings({ service, composed, project }: NonNullable<ContainerRun['from']>): string[] {
  const { volumes = [], user, extra_hosts: hosts = [] } = service;
  const list = Array.isArray(hosts) ? hosts : Object.entries(hosts).map(([host, at]) => `${host}:${at}`);
  return [
    ...volumes.flatMap((volume) => ['--volume', volumeText(volume, composed, project.name)]),
    ...(user ? ['--user', String(user)] : []),
    ...(list as string[]).flatMap((host) => ['--add-host', host.replace('=', ':')]),
  ];
}

function volumeText(
  volume: NonNullable<Service['volumes']>[number],
  { volumes }: Composed,
  project: string,
): string {
  const [source = '', target = '', mode] =
    typeof volume === 'string'
      ? volume.split(':')
      : [volume.source, volume.target, volume.read_only ? 'ro' : undefined];
  const from = source.startsWith('/') ? source : named(source, volumes?.[source], project);
  return [from, target, mode].filter(Boolean).join(':');
}

/** What compose calls a network or volume of the file. */
function named(
  key: string,
  about: { name?: string; external?: boolean | { name?: string } } | null | undefined,
  project: string,
): string {
  if (about?.name) return about.name;
  if (typeof about?.external === 'object') return about.external.name ?? key;
  return about?.external ? key : `${project}_${key}`;
}
