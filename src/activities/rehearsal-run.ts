import type { BridgeEvent } from '../adapters/alembic/events.js';
import { migrate } from '../adapters/alembic/migrate.js';
import type { AlembicProject } from '../adapters/alembic/project.js';
import type { Identity } from '../adapters/postgres/identity.js';
import { Problem } from '../domain/problem.js';
import {
  rehearsalFailed,
  rehearsalInterrupted,
  rehearsalRefused,
  type Way,
} from '../domain/problems/rehearsal.js';
import type { Timed } from '../domain/rehearsal.js';

const LOCK_WAIT_MS = 15_000;

export interface RehearsedRun {
  project: AlembicProject;
  /** The copy; the bridge ends any session on another database before a statement. */
  copy: Identity;
  revisions: readonly string[];
  expectFrom: readonly string[];
  applicationName: string;
  lockTimeoutMs: number;
  log: (event: BridgeEvent) => void;
  onTool?: (pid: number) => void;
  signal: AbortSignal;
}

/** What one way took, and each statement of it. */
export interface Went {
  ms: number;
  seen: Timed[];
}

/**
 * Runs revisions on the copy, once, one way.
 *
 * @throws Problem `rehearsal-failed`, `rehearsal-refused`, `rehearsal-interrupted` (retried); those of a project
 *   that cannot be run at all
 */
export async function run(way: Way, options: RehearsedRun): Promise<Went> {
  const { project, copy, log, onTool, ...rest } = options;
  const seen: Timed[] = [];
  let revision: string | null = null;
  const onEvent = (event: BridgeEvent) => {
    log(event);
    if (event.event === 'step') revision = event.revision;
    if (event.event === 'statement' || event.event === 'step_done') seen.push(event);
  };
  const began = performance.now();
  try {
    await migrate(project, {
      ...rest,
      direction: way === 'back' ? 'downgrade' : 'upgrade',
      lockWaitMs: LOCK_WAIT_MS,
      expectDatabase: copy,
      onEvent,
      ...(onTool ? { onStart: onTool } : {}),
    });
  } catch (error) {
    throw error instanceof Problem ? told(error, way, revision) : error;
  }
  return { ms: Math.round(performance.now() - began), seen };
}

/** Failures of the server, the network or the machine: on a copy all of them may be tried again. */
const interruptions = new Set([
  'alembic-cannot-connect',
  'bridge-died',
  'commit-unknown',
  'lock-held',
  'lock-timeout',
  'migration-cut-off',
]);

function told(error: Problem, way: Way, revision: string | null): Problem {
  const words = error.told.why ?? error.told.what;
  if (error.code === 'wrong-database') return rehearsalRefused(error.told.what);
  if (interruptions.has(error.code)) return rehearsalInterrupted(way, error.message);
  return error.code.startsWith('migration-') || error.code === 'alembic-refused'
    ? rehearsalFailed(way, revision, words)
    : error;
}
