import type { BridgeEvent } from '../adapters/alembic/events.js';
import { type Forbidden, migrate, type MigrateOptions, type Start } from '../adapters/alembic/migrate.js';
import type { AlembicProject } from '../adapters/alembic/project.js';
import { Problem } from '../domain/problem.js';
import {
  rehearsalFailed,
  rehearsalInterrupted,
  rehearsalRefused,
  type Way,
} from '../domain/problems/rehearsal.js';
import type { Timed } from '../domain/rehearsal.js';
import type { TracedStatement } from '../domain/trace.js';
import { type FailedStatement, Traced } from './rehearsal-trace.js';

const LOCK_WAIT_MS = 15_000;

export interface RehearsedRun {
  project: AlembicProject;
  revisions: readonly string[];
  applicationName: string;
  lockTimeoutMs: number;
  /** Whether each statement is to say what it did. */
  trace: boolean;
  leave?: NonNullable<MigrateOptions['leave']>;
  forbid?: Forbidden;
  log: (event: BridgeEvent) => void;
  onTool?: (pid: number) => void;
  signal: AbortSignal;
}

/** What one way took, the start of Python included, and each statement of it. */
export interface Went {
  ms: number;
  seen: Timed[];
  /** Of a traced way: each statement with what it did. */
  traced: readonly TracedStatement[];
}

/** One way, with Python started. It ends by itself when nobody says `go` any more because the worker is gone. */
export interface Ahead {
  /**
   * Runs the revisions on the copy, once.
   *
   * @param start - with the copy: the bridge ends any session on another database before a statement
   * @throws Problem `rehearsal-failed`, `rehearsal-refused`, `rehearsal-interrupted` (retried); those of a project
   *   that cannot be run at all
   */
  go(start: Required<Start>): Promise<Went>;
  /** The statement that it failed on, once it has. */
  failed(): FailedStatement | undefined;
  /** Ends what has not gone, and waits until it is gone. Harmless after `go`. */
  letGo(): Promise<void>;
}

/** Starts Python for one way while something else is done still: importing takes half of a small migration's time. */
export function startAhead(way: Way, options: RehearsedRun): Ahead {
  const { project, log, onTool, ...rest } = options;
  const seen: Timed[] = [];
  const traced = new Traced();
  const clock = new StartClock();
  let revision: string | null = null;
  const onEvent = (event: BridgeEvent) => {
    log(event);
    traced.onEvent(event);
    if (event.event === 'hello') clock.ready();
    if (event.event === 'step') revision = event.revision;
    if (event.event === 'statement' || event.event === 'step_done') seen.push(event);
  };
  const { start, begin, giveUp } = waiting();
  const running = migrate(project, {
    ...rest,
    direction: way === 'back' ? 'downgrade' : 'upgrade',
    lockWaitMs: LOCK_WAIT_MS,
    start,
    onEvent,
    ...(onTool ? { onStart: onTool } : {}),
  });
  const over = running.then(
    () => undefined,
    () => undefined, // told by `go`
  );
  const go = async (where: Required<Start>): Promise<Went> => {
    clock.go();
    begin(where);
    await running.catch((error: unknown) => {
      throw error instanceof Problem ? told(error, way, revision) : error;
    });
    return { ms: clock.ms(), seen, traced: traced.all() };
  };
  return { go, failed: () => traced.failed, letGo: () => (giveUp(), over) };
}

function waiting() {
  let begin: (where: Start) => void = () => undefined;
  let giveUp: () => void = () => undefined;
  const start = new Promise<Start>((resolve, reject) => {
    begin = resolve;
    giveUp = () => reject(new Error('it is not needed any more'));
  });
  start.catch(() => undefined);
  return { start, begin, giveUp };
}

/** Starting counts as if it had not been done ahead: people are told how long the real run will take. */
class StartClock {
  readonly #began = performance.now();
  #ready = this.#began;
  #went = this.#began;

  ready = (): void => void (this.#ready = performance.now());
  go = (): void => void (this.#went = performance.now());

  /** Milliseconds from the start until it was ready, and from when it was told to go until now. */
  ms = (): number =>
    Math.round(this.#ready - this.#began + performance.now() - Math.max(this.#ready, this.#went));
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
