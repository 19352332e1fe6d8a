import { inspect } from '../adapters/alembic/inspect.js';
import { ask } from '../adapters/http.js';
import { freeBytes, writeAtomically } from '../adapters/disk.js';
import { readingObstacles } from '../adapters/backup/privileges.js';
import { withClient } from '../adapters/postgres/client.js';
import { identity } from '../adapters/postgres/identity.js';
import { pgTools } from '../adapters/backup/pg-tools.js';
import { versionObstacles } from '../adapters/backup/preflight.js';
import {
  composeStanding,
  keepsakesDueText,
  migratesItself,
  policyOf,
  runningRelease,
  type Target,
  type Work,
} from '../local.js';
import { serverPrograms } from '../adapters/scratch/programs.js';
import { Problem } from '../domain/problem.js';
import { bytes } from '../domain/units.js';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nginxConfiguration, peersServed, siteSwitch } from './site.js';
import { temporalAnswers, workerListens } from './temporal.js';

export interface Found {
  /** `unknown`: not to be told, because of a fault that is told already. */
  state: 'ok' | 'warning' | 'fault' | 'unknown';
  says: string;
  next?: readonly string[];
}
export interface Finding extends Found {
  what: string;
}

/** @returns null where the settings leave nothing to look at */
type Examine = (target: Target, work: Work) => Promise<Found | null>;
const ok = (says: string): Found => ({ state: 'ok', says });

/** What the doctor looks at, in the order in which one thing needs the other. A Problem is a fault. */
export const examinations: readonly [what: string, Examine][] = [
  ['settings', settings],
  ['state folder', stateFolder],
  ['database', database],
  ['keepsakes', keepsakes],
  ['docker compose', dockerCompose],
  ['running release', release],
  ['alembic', alembic],
  ['start commands', startCommands],
  ['pg_dump', backupTools],
  ['rehearsal', rehearsals],
  ['health', health],
  ['nginx', nginxConfiguration],
  ['site', siteSwitch],
  ['peers', peersServed],
  ['Temporal', temporalAnswers],
  ['worker', workerListens],
];

async function settings(target: Target): Promise<Found> {
  const { ownRules } = await policyOf(target);
  const own = ownRules.length ? `, own rules: ${ownRules.map(({ file }) => file).join(', ')}` : '';
  return ok(`${target.config.path}, target ${target.name}${own}`);
}

async function stateFolder({ config: { state } }: Target): Promise<Found> {
  const probe = join(state, 'doctor');
  await writeAtomically(probe, 'probe');
  await rm(probe, { force: true });
  return ok(`${state}, ${bytes(await freeBytes(state))} free`);
}

async function database(target: Target, { signal }: Work): Promise<Found> {
  return withClient(target.url(), { applicationName: 'lockkeeper:doctor', signal }, async (client) => {
    const { database, version } = await identity(client);
    const obstacles = await readingObstacles(client);
    if (!obstacles.length) return ok(`${database}, PostgreSQL ${version}`);
    const says = `${database}, PostgreSQL ${version}: ${obstacles.map(({ message }) => message).join('; ')}`;
    return { state: 'fault', says, next: obstacles.flatMap(({ told }) => told.next) };
  });
}

/** Those that wait for a rollback that was cut off. */
async function keepsakes(target: Target, work: Work): Promise<Found | null> {
  const says = await keepsakesDueText(target, work);
  return says ? { state: 'warning', says, next: [`put it back: lockkeeper rollback ${target.name}`] } : null;
}

async function alembic(target: Target, work: Work): Promise<Found> {
  const project = target.project(await releaseOfProject(target, work));
  const { versions, current, heads, pending } = await inspect(project, {
    from: 'database',
    render: 'none',
    signal: work.signal,
  });
  const at = current.join(', ') || 'base';
  return ok(
    `${versions.alembic} on Python ${versions.python}, at ${at}, head ${heads.join(', ')}, ${pending.length} pending`,
  );
}

/** Also of the folder of lockkeeper.yaml, where compose files and scripts often lie. */
async function startCommands(target: Target, work: Work): Promise<Found> {
  const found = await migratesItself(target, await releaseOfProject(target, work));
  const [first] = found;
  if (!first)
    return ok('none migrates by itself, as far as Dockerfiles, start scripts and compose files tell');
  return {
    state: 'warning',
    says: `the release migrates by itself: ${first}${found.length > 1 ? ` and ${found.length - 1} more` : ''}`,
    next: [
      'take `alembic upgrade` out of its image and start commands: lockkeeper check --explain release-migrates-itself',
    ],
  };
}

/** A project that is the same for all releases can be tried whatever runs. */
async function releaseOfProject(target: Target, work: Work): Promise<string> {
  if (!target.settings.alembic.project.includes('{release}')) return 'current';
  return (await runningRelease(target, 'doctor', work)) ?? 'current';
}

const serverOf = async (target: Target, signal: AbortSignal) =>
  withClient(target.url(), { applicationName: 'lockkeeper:doctor', signal }, identity);

async function backupTools(target: Target, { signal }: Work): Promise<Found> {
  const { settings, config } = target;
  const { tools, folder } = settings.backup;
  // That it cannot be reached is told already.
  const server = await serverOf(target, signal).catch(() => undefined);
  const found = await pgTools(tools ? resolve(config.folder, tools) : undefined, signal, server?.major);
  const [obstacle] = server ? versionObstacles(found, server) : [];
  if (obstacle) throw obstacle;
  const { dumpVersion, compression } = found;
  const where = folder ? resolve(config.folder, folder) : join(config.state, 'backups');
  await mkdir(where, { recursive: true, mode: 0o700 });
  return ok(
    `${dumpVersion}, compresses by ${compression === '1' ? 'gzip' : compression}; ${bytes(await freeBytes(where))} free in ${where}`,
  );
}

/** Whoever has low risk only never needs it. */
async function rehearsals(target: Target, { signal }: Work): Promise<Found> {
  const { rehearsal, backup } = target.settings;
  if (rehearsal.where === 'server') return ok('on copies beside the database, on its own server');
  const server = await serverOf(target, signal).catch(() => undefined);
  if (!server) return { state: 'unknown', says: 'it depends on the version of the database' };
  const named = rehearsal.tools || backup.tools;
  try {
    await serverPrograms(named ? resolve(target.config.folder, named) : undefined, server.major);
    return ok(`on private servers of PostgreSQL ${server.major}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { state: 'warning', says: error.message, next: error.told.next };
  }
}

async function dockerCompose(target: Target, work: Work): Promise<Found | null> {
  const standing = await composeStanding(target, work);
  if (!standing) return null;
  const { says, lacks } = standing;
  return lacks.length
    ? { state: 'warning', says: `${says}; ${lacks.join('; ')}`, next: ['add a healthcheck to the service'] }
    : ok(says);
}

async function release(target: Target, work: Work): Promise<Found> {
  if (!target.settings.release.running && !target.settings.deploy?.compose)
    return {
      state: 'warning',
      says: 'release.running is not set: what runs is not known, so it can not be put back',
      next: ['set it to a command that prints the name of the running release'],
    };
  const running = await runningRelease(target, 'doctor', work);
  return ok(running ?? 'nothing runs');
}

async function health({ settings }: Target, { signal }: Work): Promise<Found> {
  if (!settings.health)
    return {
      state: 'warning',
      says: 'no health check: whether a release works is not known',
      next: ['set health.url'],
    };
  const answer = await ask(settings.health.url, signal);
  if (typeof answer !== 'string' && answer.status === 200) return ok(`${settings.health.url} answers 200`);
  const said = typeof answer === 'string' ? answer : `it answers ${answer.status}`;
  return {
    state: 'warning',
    says: `${settings.health.url}: ${said}`,
    next: ['start the application, or correct health.url'],
  };
}
