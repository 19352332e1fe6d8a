import { problemOf } from './failure.js';
import type { BridgeEvent, Migrated } from './events.js';
import type { AlembicProject } from './project.js';
import { talk } from './talk.js';

/** As `current_database()` and `pg_postmaster_start_time()` say it; the time in ISO 8601. */
export interface ExpectedDatabase {
  database: string;
  startedAt: string;
}

export interface MigrateOptions {
  direction: 'upgrade' | 'downgrade';
  /** Exactly these, in this order. */
  revisions: readonly string[];
  /** Where the database must stand, whatever the order; otherwise nothing runs. */
  expectFrom: readonly string[];
  /** How the database's administrator, and a later attempt, know our sessions. */
  applicationName: string;
  /** How long a statement may queue for a lock, and keep others waiting behind it. */
  lockTimeoutMs: number;
  /** How long to wait for Lockkeeper's advisory lock while another run has it. */
  lockWaitMs: number;
  /** The database that the settings mean: env.py may point to another one. */
  expectDatabase?: ExpectedDatabase;
  onEvent?: (event: BridgeEvent) => void;
  onStart?: (pid: number) => void;
  signal?: AbortSignal;
}

/**
 * Runs the given revisions, once, in a session that holds Lockkeeper's advisory lock.
 *
 * The bridge asks before each statement: when this process is gone, it stops and all that is not committed
 * rolls back. Aborting ends its process group; what was committed by then is told by the version table.
 *
 * @throws Problem, any of domain/problems/alembic and alembic-run; the signal's reason when aborted
 */
export async function migrate(project: AlembicProject, options: MigrateOptions): Promise<Migrated> {
  const { direction, onEvent, onStart, signal, ...rest } = options;
  if (rest.revisions.length === 0) return { revisions: [], statements: 0, ms: 0 };
  const answer = () => (signal?.aborted ? 'the run was cancelled' : true);
  const said = await talk(
    project,
    direction,
    { ...rest, handshake: true, ask: 'statements' },
    { onEvent, onStart, signal, answer },
  );
  if (said.event === 'failed') {
    signal?.throwIfAborted();
    throw problemOf(said);
  }
  if (said.event !== 'done') throw new Error(`the bridge answered ${said.event} to ${direction}`);
  const { revisions, statements, ms } = said;
  return { revisions, statements, ms };
}
