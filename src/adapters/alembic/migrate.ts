import { problemOf } from './failure.js';
import type { BridgeAsk, BridgeEvent, Leave, Migrated } from './events.js';
import type { AlembicProject } from './project.js';
import { talk } from './talk.js';

/** As `current_database()` and `pg_postmaster_start_time()` say it; the time in ISO 8601. */
export interface ExpectedDatabase {
  database: string;
  startedAt: string;
}

/** A server that a rehearsal must not reach. */
export interface Forbidden {
  /** Its names and addresses, in lower case. */
  hosts: readonly string[];
  port: number;
  /** It is on this machine: its sockets lead to it, too. */
  local: boolean;
}

/** A revision file that may be gone from the project. */
export interface KeptFile {
  revision: string;
  /** Path relative to the project. */
  file: string;
  text: string;
}

/** Where a run begins. */
export interface Start {
  /** Where the database must stand, whatever the order; otherwise nothing runs. */
  expectFrom: readonly string[];
  /** The database that the settings mean: env.py may point to another one. */
  expectDatabase?: ExpectedDatabase;
}

export interface MigrateOptions extends Start {
  direction: 'upgrade' | 'downgrade';
  /** Exactly these, in this order. */
  revisions: readonly string[];
  /** Used for revisions that the project's files do not have. */
  kept?: readonly KeptFile[];
  /** How the database's administrator, and a later attempt, know our sessions. */
  applicationName: string;
  /** How long a statement may queue for a lock, and keep others waiting behind it, where its leave says nothing. */
  lockTimeoutMs: number;
  /** How long to wait for Lockkeeper's advisory lock while another run has it. */
  lockWaitMs: number;
  /** Whether and how what is asked for may go on, see `Leave`. Default: it may. */
  leave?: (ask: BridgeAsk) => Leave | Promise<Leave>;
  /** Of a rehearsal: each statement's event says what it did. */
  trace?: boolean;
  /** Of a rehearsal: the server that nothing may connect to. */
  forbid?: Forbidden;
  onEvent?: (event: BridgeEvent) => void;
  onStart?: (pid: number) => void;
  signal?: AbortSignal;
}

/** The same, started ahead: Python is ready by the time when it is known where the run begins. */
export type MigrateAhead = Omit<MigrateOptions, keyof Start> & { start: Promise<Start> };

/**
 * Runs the given revisions, once, in a session that holds Lockkeeper's advisory lock.
 *
 * The bridge asks before each statement: when this process is gone, it stops and all that is not committed
 * rolls back. Aborting ends its process group; what was committed by then is told by the version table.
 *
 * @throws Problem, any of domain/problems/alembic and alembic-run; the signal's reason when aborted; why `start`
 *   was rejected, after the bridge was ended
 */
export async function migrate(
  project: AlembicProject,
  options: MigrateOptions | MigrateAhead,
): Promise<Migrated> {
  const { direction, onEvent, onStart, signal, leave = () => ({ do: 'go' }), ...rest } = options;
  if (rest.revisions.length === 0) return { revisions: [], statements: 0, ms: 0 };
  const answer = (ask: BridgeAsk): Leave | Promise<Leave> =>
    signal?.aborted ? { do: 'abort', why: 'the run was cancelled' } : leave(ask);
  const asked = told({ ...rest, handshake: true, ask: 'statements' });
  const said = await talk(project, direction, asked, { onEvent, onStart, signal, answer });
  if (said.event === 'failed') {
    signal?.throwIfAborted();
    throw problemOf(said);
  }
  if (said.event !== 'done') throw new Error(`the bridge answered ${said.event} to ${direction}`);
  const { revisions, statements, ms } = said;
  return { revisions, statements, ms };
}

function told(options: object): object | Promise<object> {
  const { start, ...known } = options as { start?: Promise<Start>; kept?: readonly KeptFile[] };
  // Files may be longer than an argument can be: then all of it goes by standard input.
  if (!start) return known.kept?.length ? Promise.resolve(known) : known;
  const all = start.then((where) => ({ ...known, ...where }));
  all.catch(() => undefined); // nobody may come to hear why
  return all;
}
