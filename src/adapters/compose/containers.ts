import { docker, parsed, type Place } from './docker.js';
import type { ComposeProject } from './project.js';

/** One container, as the engine has it. */
export interface Container {
  id: string;
  /** Without the slash before it. For people only: an interrupted `up` leaves other names. */
  name: string;
  /** Id of the image that it was made from. */
  image: string;
  status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  exitCode: number;
  restarts: number;
  /** ISO 8601; far in the past while it was never started. */
  startedAt: string;
  /** What its own health check says; null where it has none. */
  health: 'starting' | 'healthy' | 'unhealthy' | null;
  /** What the check printed last. */
  healthSaid: string;
  /** Why it could not be started, such as a port that is taken. */
  error: string;
  labels: Readonly<Record<string, string>>;
  /** The image as whoever started it named it. */
  reference: string;
  /** In each network; none where it has the host's. */
  addresses: readonly string[];
}

interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  RestartCount: number;
  State: {
    Status: Container['status'];
    ExitCode: number;
    Error: string;
    StartedAt: string;
    Health?: { Status: string; Log?: readonly { Output: string }[] | null };
  };
  Config: { Labels: Record<string, string> | null; Image: string };
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> | null };
}

/** Containers with all these labels, running or not. */
export async function containersWith(
  place: Place,
  labels: Readonly<Record<string, string>>,
): Promise<Container[]> {
  const filters = Object.entries(labels).flatMap(([label, value]) => ['--filter', `label=${label}=${value}`]);
  const ids = await docker(place, ['ps', '--all', '--quiet', '--no-trunc', ...filters]);
  return ids ? inspectContainers(place, ids.split('\n')) : [];
}

/**
 * All that run on the engine, whoever started them. One that is paused, or starts anew, counts.
 *
 * @throws Problem `docker-unreachable`, `docker-no-rights`, `missing-tool`
 */
export async function runningContainers(place: Place): Promise<Container[]> {
  const ids = await docker(place, ['ps', '--quiet', '--no-trunc']);
  return ids ? inspectContainers(place, ids.split('\n')) : [];
}

/** Containers of a service, found by compose's labels; those of `compose run` are not among them. */
export const containersOf = (
  { place, name }: Pick<ComposeProject, 'place' | 'name'>,
  service: string,
): Promise<Container[]> =>
  containersWith(place, {
    'com.docker.compose.project': name,
    'com.docker.compose.service': service,
    'com.docker.compose.oneoff': 'False',
  });

/** Those that are gone by now are left out. */
export async function inspectContainers(place: Place, ids: readonly string[]): Promise<Container[]> {
  // One that is gone makes `inspect` fail, and it still prints the others.
  const format = '{{json .}}';
  const lines = await Promise.all(
    ids.map((id) =>
      docker(place, ['container', 'inspect', '--format', format, id]).catch((error: unknown) => {
        if (/no such (container|object)/i.test(String((error as { stderr?: string }).stderr))) return '';
        throw error;
      }),
    ),
  );
  return lines.filter(Boolean).map((line) => containerOf(parsed<Inspected>(line)));
}

function containerOf(inspected: Inspected): Container {
  const { Id, Name, Image, RestartCount, State, Config, NetworkSettings } = inspected;
  const { Health } = State;
  const isChecked = Health !== undefined && Health.Status !== 'none' && Health.Status !== '';
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    image: Image,
    status: State.Status,
    exitCode: State.ExitCode,
    restarts: RestartCount,
    startedAt: State.StartedAt,
    health: isChecked ? (Health.Status as 'starting') : null,
    healthSaid: Health?.Log?.at(-1)?.Output.trim() ?? '',
    error: State.Error,
    labels: Config.Labels ?? {},
    reference: Config.Image,
    addresses: Object.values(NetworkSettings.Networks ?? {}).flatMap(({ IPAddress }) => IPAddress || []),
  };
}

/** The last lines that a container printed, both streams. Not masked. */
export async function lastLog(place: Place, id: string, lines: number): Promise<string> {
  const { shell } = await import('../shell.js');
  const { cwd, env } = place;
  const args = ['logs', '--tail', String(lines), id];
  const printed = await shell({ file: 'docker', args, cwd, env }).catch(() => ({ stdout: '', stderr: '' }));
  return [printed.stdout, printed.stderr]
    .map((text) => text.trim())
    .filter(Boolean)
    .join('\n');
}
