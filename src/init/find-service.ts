import { readYaml } from '../config/yaml.js';
import { textsOf, type ProjectFiles } from './project-files.js';

export interface ServiceFound {
  /** The compose file, and its service that is the application. */
  file: string;
  service: string;
  /** Whether its image is built here; else it is pulled. */
  builds: boolean;
  /** Whether a release of it can be told from another one: its image has a name. */
  named: boolean;
  /** Service that is there to migrate. */
  migration: string | null;
  /** Port on this host; null when none is published. */
  port: number | null;
  /** Other compose files. */
  others: readonly string[];
}

interface Service {
  image?: unknown;
  build?: unknown;
  ports?: unknown;
  network_mode?: unknown;
}

const COMPOSE = /^(?:[^/]+\/)?(?:docker-)?compose[^/]*\.ya?ml$/;
const NOT_THE_APPLICATION =
  /(postgres|mysql|redis|rabbit|nginx|caddy|traefik|temporal|adminer|prometheus|grafana)/i;
const BY_NAME = ['app', 'web', 'api', 'backend', 'server'];

/** The service of a compose file that is the application: of production's file first. Null when there is none. */
export function findService(files: ProjectFiles): ServiceFound | null {
  const composes = textsOf(files, COMPOSE).sort(
    ([a], [b]) => Number(/prod/.test(b)) - Number(/prod/.test(a)),
  );
  for (const [file, text] of composes) {
    const services = servicesOf(text);
    const found = applicationOf(services);
    if (!found) continue;
    const [service, about] = found;
    const others = composes.map(([path]) => path).filter((path) => path !== file);
    const migration = services.find(([name]) => /migrat|alembic/.test(name))?.[0] ?? null;
    const named = about.image !== undefined && /^[A-Za-z0-9][\w.-]*$/.test(service);
    const builds = about.build !== undefined;
    return { ...{ file, service, builds, named, migration }, port: portOf(about.ports), others };
  }
  return null;
}

function servicesOf(text: string): [string, Service][] {
  const given = readYaml(text);
  const services = 'faults' in given ? null : (given.value as { services?: unknown } | null)?.services;
  return typeof services === 'object' && services !== null
    ? Object.entries(services).map(([name, service]) => [name, (service ?? {}) as Service])
    : [];
}

function applicationOf(services: [string, Service][]): [string, Service] | undefined {
  const possible = services.filter(
    ([name, { image, build }]) =>
      (build !== undefined || image !== undefined) &&
      !NOT_THE_APPLICATION.test(`${name} ${String(image ?? '')}`),
  );
  return (
    possible.find(([name]) => BY_NAME.includes(name)) ??
    possible.find(([name, { ports }]) => ports !== undefined && !/migrat/.test(name)) ??
    possible.find(([name]) => !/migrat|worker|job/.test(name))
  );
}

/** `8000:80`, `127.0.0.1:8000:80`, `${PORT:-8000}:80`, or the long form. */
function portOf(ports: unknown): number | null {
  const [first] = Array.isArray(ports) ? (ports as unknown[]) : [];
  const published =
    typeof first === 'object' && first !== null ? (first as { published?: unknown }).published : first;
  const text = String(published ?? '').replace(/\$\{\w+:?-(\d+)\}/g, '$1');
  const port = /^(?:[\d.]+:)?(\d+)(?::\d+)?(?:\/tcp)?$/.exec(text)?.[1];
  return port ? Number(port) : null;
}
