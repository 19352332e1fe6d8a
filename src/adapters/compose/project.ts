import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { composeInvalid, noSuchService } from '../../domain/problems/compose.js';
import { shell, ToolFailed, type ShellOptions } from '../shell.js';
import { asDockerProblem, type Place } from './docker.js';
import { findCompose, type ComposeTool } from './find.js';

/** A compose project of the user. */
export interface ComposeProject {
  tool: ComposeTool;
  place: Place;
  /** As after `-f`. */
  files: readonly string[];
  /** What its containers are labelled with. */
  name: string;
}

export interface ComposeSettings {
  files: readonly string[];
  name?: string | undefined;
  command?: readonly string[] | undefined;
}

/** @throws Problem `compose-not-found` */
export async function composeProject(place: Place, settings: ComposeSettings): Promise<ComposeProject> {
  const { files, name } = settings;
  const tool = await findCompose(place, settings.command);
  return { tool, place, files, name: name ?? nameAsComposeHas(place, files, tool) };
}

/**
 * Runs compose on the project.
 *
 * @throws Problem `docker-unreachable`, `docker-no-rights`; ToolFailed for all else
 */
export async function compose(
  { tool, place, files, name }: ComposeProject,
  args: readonly string[],
  { env = {}, ...options }: ShellOptions & { env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const [file = '', ...before] = tool.command;
  const all = [...before, '--project-name', name, ...files.flatMap((each) => ['--file', each]), ...args];
  const command = { file, args: all, cwd: place.cwd, env: { ...place.env, ...env } };
  try {
    return (await shell(command, options)).stdout;
  } catch (error) {
    throw asDockerProblem(error);
  }
}

/** What of a service decides how it is run. As `compose config` has it, with all values filled in: secrets among them. */
export interface Service {
  image?: string;
  build?: unknown;
  container_name?: string;
  healthcheck?: { disable?: boolean; test?: unknown };
  environment?: Record<string, string | number | boolean | null> | string[];
  network_mode?: string;
  networks?: Record<string, unknown> | string[] | null;
  volumes?: readonly (string | { type?: string; source?: string; target?: string; read_only?: boolean })[];
  user?: string;
  working_dir?: string;
  extra_hosts?: readonly string[] | Record<string, string>;
}

/** The compose file with all that it refers to. Never to be printed or kept. */
export interface Composed {
  services: Readonly<Record<string, Service>>;
  networks?: Readonly<Record<string, { name?: string; external?: boolean | { name?: string } } | null>>;
  volumes?: Readonly<Record<string, { name?: string; external?: boolean | { name?: string } } | null>>;
}

/** @throws Problem `compose-invalid` in compose's words; no engine is asked */
export async function composed(project: ComposeProject, signal?: AbortSignal): Promise<Composed> {
  try {
    // Services of a profile, such as migration, are in it, too.
    const env = { COMPOSE_PROFILES: ['*', ...profilesIn(project)].join(',') };
    const { parse } = await import('yaml');
    const read = parse(
      await compose(project, ['config'], { env, ...(signal ? { signal } : {}) }),
    ) as Composed;
    return { ...read, services: read.services ?? {} };
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    throw composeInvalid(project.files, error.lastWords());
  }
}

/** By their names as well: `*` is known since version 2.20. What cannot be read compose tells better. */
function profilesIn({ place, files }: ComposeProject): string[] {
  const texts = files.map((file) => resolve(place.cwd, file)).filter(existsSync);
  return texts.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^\s+profiles:\s*\[([^\]]*)\]/gm)].flatMap(([, names = '']) =>
      names.split(',').map((name) => name.trim().replaceAll(/["']/g, '')),
    ),
  );
}

/** @throws Problem `no-such-service` */
export function serviceIn({ services }: Composed, name: string, setting: string): Service {
  const found = services[name];
  if (!found) throw noSuchService(name, Object.keys(services), setting);
  return found;
}

/** Its environment as it would run; null where a variable is only named. */
export function environmentOf({ environment = {} }: Service): Record<string, string> {
  const pairs = Array.isArray(environment)
    ? environment.map((text): [string, unknown] => [
        text.split('=')[0] ?? '',
        text.slice(text.indexOf('=') + 1),
      ])
    : Object.entries(environment);
  return Object.fromEntries(
    pairs.flatMap(([name, value]) =>
      // `config` prints a dollar twice, because compose would fill it in again.
      value === null || value === undefined ? [] : [[name, String(value).replaceAll('$$', '$')]],
    ),
  );
}

/** Compose's own rules, so that what people type by hand is about the same containers. */
function nameAsComposeHas({ cwd, env }: Place, files: readonly string[], { isV1 }: ComposeTool): string {
  const [first = ''] = files;
  const folder = dirname(resolve(cwd, first));
  const dotEnv = join(folder, '.env');
  const inEnvFile = existsSync(dotEnv)
    ? /^\s*COMPOSE_PROJECT_NAME\s*=\s*["']?([^"'\s]+)/m.exec(readFileSync(dotEnv, 'utf8'))?.[1]
    : undefined;
  const inFile = isV1 ? undefined : nameIn(resolve(cwd, first));
  const told = env['COMPOSE_PROJECT_NAME'] ?? process.env['COMPOSE_PROJECT_NAME'] ?? inEnvFile ?? inFile;
  const normal = (told || basename(folder)).toLowerCase().replaceAll(/[^-_a-z0-9]/g, '');
  return (isV1 ? normal : normal.replace(/^[-_]+/, '')) || 'default';
}

const nameIn = (path: string): string | undefined =>
  existsSync(path) ? /^name:\s*["']?([^"'\s#]+)/m.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
