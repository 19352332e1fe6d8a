import { addressOf, connectionOf } from '../adapters/postgres/connection.js';
import type { Backup } from '../domain/backup.js';
import { cannotRehearse } from '../domain/problems/rehearsal.js';
import { rehearsalTooLarge } from '../domain/problems/rehearsal-place.js';
import type { StepInput } from '../domain/steps.js';
import type { Target } from './home.js';
import { GIB } from '../domain/units.js';

/** A restored copy that a plan is run on. */
export interface Copy {
  where: 'private' | 'server';
  /** Of the copy, for the target's role. */
  url: string;
  /** What env.py's environment says otherwise. */
  variables(release: string): Readonly<Record<string, string>>;
  restoreMs: number;
  /** Of the copy, and of the live database: on disk. */
  bytes: number;
  liveBytes: number;
  notes: readonly string[];
  /** What a person must hear of the backup. */
  alarms: readonly string[];
  /** Whether it was begun with a kept copy, or was kept, in words; empty: neither. */
  kept?: string;
  /** Of a private server: its superuser's URL of the copy, and the folder of pg_restore where the settings say one. */
  server?: { url: string; tools: string | undefined };
  /** Of a private server: this environment, with the copy in it wherever the live database was. */
  isolated?(environment: Readonly<Record<string, string>>): Record<string, string>;
  /** Right before the plan runs: times and the write-ahead log are to be as in production. */
  becomeCareful(): Promise<void>;
  /** Ends or drops it. */
  close(): Promise<void>;
}

export interface CopyInput extends StepInput {
  backup: Backup;
}

/** All variables that the project's Python gets: its own, and those of the worker. */
export function environmentOf(target: Target, release: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (each): each is [string, string] => each[1] !== undefined,
  );
  return { ...Object.fromEntries(inherited), ...target.project(release).environment };
}

/** @throws Problem `cannot-rehearse` */
export function refuseWithoutWay(target: Target, hasWay: boolean): void {
  if (hasWay) return;
  const live = connectionOf(target.url());
  throw cannotRehearse(`${addressOf(live)}/${live.database}`);
}

/** @throws Problem `rehearsal-too-large` */
export function assertSmallEnough(bytes: number, allowed: number | undefined): void {
  if (allowed !== undefined && bytes > allowed * GIB)
    throw rehearsalTooLarge('databaseGiB', bytes, allowed * GIB);
}

/** The target as it is on the copy: another database, another environment, and the checks that are plain SQL. */
export function onCopy(
  target: Target,
  { url, variables, where }: Pick<Copy, 'url' | 'variables' | 'where'>,
): Target {
  // A private server is reached from this machine alone; one beside the live database, as that is.
  const onIt = { onCopy: true, ...(where === 'private' ? { network: 'host' } : {}) } as const;
  const verify = target.settings.verify.filter(({ sql }) => sql !== undefined);
  return {
    ...target,
    settings: { ...target.settings, verify },
    url: () => url,
    project: (release) => {
      const project = target.project(release);
      const environment = { ...project.environment, ...variables(release) };
      const { container } = project;
      return { ...project, environment, ...(container ? { container: container.with(onIt) } : {}) };
    },
  };
}
