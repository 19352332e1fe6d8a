import type { Problem } from '../../domain/problem.js';
import * as run from '../../domain/problems/alembic-run.js';
import * as project from '../../domain/problems/alembic.js';
import * as connection from '../../domain/problems/migrating-session.js';
import { noFunction } from '../../domain/problems/backfill-function.js';
import { templateUnfit } from '../../domain/problems/phases.js';
import { rehearsalReachedOut } from '../../domain/problems/rehearsal-place.js';
import type { DatabaseIdentity } from './inspection.js';

/** How a run of the bridge ended badly: what it was doing, and the facts. Passwords are masked already. */
export type Failure = { changed: boolean; statements: number } & (
  | { kind: 'old-python'; executable: string; version: string }
  | { kind: 'no-alembic'; executable: string; words: string }
  | { kind: 'no-config'; path: string }
  | { kind: 'bad-config'; path: string; words: string }
  | ({ kind: 'env-failed' } & Raised)
  | ({ kind: 'cannot-connect' } & Raised)
  | { kind: 'alembic-refused'; words: string }
  | { kind: 'revision-file'; file: string | null; words: string; at: string | null }
  | { kind: 'duplicate-revision'; revision: string; files: string[] }
  | { kind: 'missing-revision'; revision: string; file: string }
  | { kind: 'unknown-revision'; revisions: string[]; heads: string[] }
  | { kind: 'several-databases' }
  | { kind: 'not-postgresql'; dialect: string }
  | { kind: 'wrong-database'; expected: { database: string; startedAt: string }; found: DatabaseIdentity }
  | { kind: 'moved-on'; expected: string[]; found: string[] }
  | { kind: 'lock-held'; holder: run.LockHolder | null }
  | { kind: 'read-only'; standby: boolean }
  | { kind: 'pooled'; words: string }
  | { kind: 'aborted'; words: string }
  | { kind: 'no-function'; function: string; words: string; at: string | null }
  | { kind: 'template'; file: string; words: string }
  | { kind: 'reached-out'; revision: string | null; driver: string; host: string; port: string }
  | ({
      kind: 'migration-failed';
      revision: string | null;
      sql: string | null;
      committing: boolean;
      /** The connection broke, as SQLAlchemy understands its driver. */
      lost: boolean;
    } & Raised)
);

interface Raised {
  /** The database's words, or the error's type and text. */
  words: string;
  sqlstate: string | null;
  /** `file:line` of the project. */
  at: string | null;
}

/** The bridge's failure as people are told it. */
export function problemOf(failure: Failure): Problem {
  const tell = words[failure.kind] as (failure: Failure) => Problem;
  return tell(failure);
}

type Words = { [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => Problem };

const words: Words = {
  'old-python': (it) => project.oldPython(it.executable, it.version),
  'no-alembic': (it) => project.noAlembic(it.executable, it.words),
  'no-config': (it) => project.noAlembicConfig(it.path),
  'bad-config': (it) => project.badAlembicConfig(it.path, it.words),
  'env-failed': (it) => raised(it),
  'cannot-connect': (it) =>
    NOT_THROUGH_POOLER.test(it.words)
      ? connection.sessionsPooled(it.words)
      : run.alembicCannotConnect(it.words, it.sqlstate),
  'alembic-refused': (it) => run.alembicRefused(it.words),
  'revision-file': (it) => project.brokenRevisionFile(it.file, it.words, it.at),
  'duplicate-revision': (it) => project.revisionIdTwice(it.revision, it.files),
  'missing-revision': (it) => project.missingRevision(it.revision, it.file),
  'unknown-revision': (it) => run.unknownRevision(it.revisions, it.heads),
  'several-databases': () => project.severalDatabases(),
  'not-postgresql': (it) => project.notPostgresql(it.dialect),
  'wrong-database': (it) => project.wrongDatabase(it.expected, it.found),
  'moved-on': (it) => run.alembicMovedOn(it.expected, it.found),
  'lock-held': (it) => run.lockHeld(it.holder),
  'read-only': (it) => connection.databaseReadOnly(it.standby),
  pooled: (it) => connection.sessionsPooled(it.words),
  'reached-out': (it) =>
    rehearsalReachedOut(it.revision, `${it.driver} was told ${it.host || 'a socket'}, port ${it.port}`),
  'no-function': (it) => noFunction(it.function, it.at ? `${it.words} (${it.at})` : it.words),
  template: (it) => templateUnfit(it.file, it.words),
  aborted: (it) => run.migrationAborted(it.words, it.changed),
  'migration-failed': (it) => raised(it),
};

/** PgBouncer takes only the settings that it knows (https://www.pgbouncer.org/config.html, ignore_startup_parameters). */
const NOT_THROUGH_POOLER = /unsupported startup parameter/i;

/** SQLSTATE of a lock that was not to be had (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const LOCK_NOT_AVAILABLE = '55P03';
/** Classes that say that the connection or the server went away, so that a commit may or may not have happened. */
const CONNECTION_LOST = /^(08|57P)/;
/** A statement such as VACUUM was sent within a transaction. */
const NOT_IN_TRANSACTION = '25001';
/** Somebody has ended the session, or shuts the server down: what they stopped is not begun again. */
const ENDED_BY_OPERATOR = '57P01';

function raised(failure: Extract<Failure, { kind: 'env-failed' | 'migration-failed' }>): Problem {
  const { words: why, sqlstate, at, changed } = failure;
  const inMigration = failure.kind === 'migration-failed';
  const { revision, sql } = inMigration ? failure : { revision: null, sql: null };
  const facts = { revision, sql, why, sqlstate, at, changed };
  if (sqlstate === LOCK_NOT_AVAILABLE) return run.lockTimeout(facts);
  if (!inMigration) return project.envFailed(why, at);
  if (failure.committing && (!sqlstate || CONNECTION_LOST.test(sqlstate))) return run.commitUnknown(why);
  if (sqlstate === NOT_IN_TRANSACTION) return connection.notInTransaction(facts);
  if (failure.lost && sqlstate !== ENDED_BY_OPERATOR) return run.migrationCutOff(facts);
  return run.migrationFailed(facts);
}
