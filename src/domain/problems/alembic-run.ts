import { Problem } from '../problem.js';

const LONGEST_STATEMENT = 200;
const shortened = (sql: string): string => {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_STATEMENT ? `${line.slice(0, LONGEST_STATEMENT)}…` : line;
};
const standsAt = (revisions: readonly string[]): string => revisions.join(', ') || 'no revision';

/** Said only when the bridge saw nothing committed. */
const kept = (changed: boolean): string =>
  changed ? 'part of it is committed already' : 'nothing was changed';
const whatIsThere = 'see what is there: alembic current, and the tables that the revision changes';

/** env.py could not connect. @param sqlstate - 28…: user or password; 3D…: no such database; psycopg tells none */
export function alembicCannotConnect(why: string, sqlstate: string | null): Problem {
  const refused = sqlstate?.startsWith('28') || /authentication failed|role ".*" does not exist/.test(why);
  const noDatabase = sqlstate?.startsWith('3D') || /database ".*" does not exist/.test(why);
  const variables = 'what env.py reads from its environment (alembic.environment in lockkeeper.yaml)';
  const next = refused
    ? [`correct user and password in ${variables}`, 'lockkeeper doctor tries whether it works']
    : noDatabase
      ? [`correct the name of the database in ${variables}`, 'lockkeeper doctor tries whether it works']
      : [
          'check that the server runs and that env.py has its address: alembic current',
          'behind PgBouncer point env.py to PostgreSQL itself: sessions and their settings must be our own',
        ];
  const what = 'env.py cannot connect to the database';
  return new Problem('alembic-cannot-connect', { what, why, next, retry: !refused && !noDatabase });
}

/** The revisions of the database are not in the files. */
export const unknownRevision = (revisions: readonly string[], heads: readonly string[]) =>
  new Problem('unknown-revision', {
    what: `the database is at ${revisions.join(', ')}, and no revision file has that id (newest: ${standsAt(heads)})`,
    next: [
      'use the release that has this revision: the database may be ahead of these files',
      'if its file was deleted, bring it back from version control',
    ],
    retry: false,
  });

/** Somebody else has migrated, or the plan is old. Nothing was run. */
export const alembicMovedOn = (expected: readonly string[], found: readonly string[]) =>
  new Problem('alembic-moved-on', {
    what: `the database is at ${standsAt(found)}, and this run starts at ${standsAt(expected)}; nothing was run`,
    next: [
      'see who migrated meanwhile: alembic history, the log of other deploys',
      'start again with a new plan',
    ],
    retry: false,
  });

export const alembicRefused = (why: string) =>
  new Problem('alembic-refused', {
    what: 'Alembic cannot run these revisions',
    why,
    next: ['see how they build on each other: alembic history --verbose', 'start again with a new plan'],
    retry: false,
  });

export interface LockHolder {
  pid: number;
  applicationName: string | null;
  user: string | null;
  /** When its session began, as PostgreSQL writes it. */
  since: string | null;
}

/** Another session has Lockkeeper's advisory lock in this database. */
export const lockHeld = (holder: LockHolder | null) =>
  new Problem('lock-held', {
    what: `another run changes this database: ${holder ? describe(holder) : 'it has just ended'}; nothing was run`,
    next: [
      'wait until it has ended, then start again',
      ...(holder ? [`if it is a leftover, end its session: select pg_terminate_backend(${holder.pid})`] : []),
    ],
    retry: true,
  });
const describe = ({ pid, applicationName, user, since }: LockHolder): string =>
  `pid ${pid}, application ${applicationName || 'without a name'}` +
  (user ? `, user ${user}` : '') +
  (since ? `, connected since ${since}` : '');

export interface FailedMigration {
  /** null: before the first, or after the last revision. */
  revision: string | null;
  sql: string | null;
  why: string;
  sqlstate: string | null;
  /** `file:line` of the project. */
  at: string | null;
  /** Whether something of the run is committed for good, as far as the bridge can see. */
  changed: boolean;
}

/** A lock was not to be had in time. */
export const lockTimeout = ({ revision, sql, why, changed }: FailedMigration) =>
  new Problem('lock-timeout', {
    what: `${revision ? `revision ${revision}` : 'the migration'} did not get a lock in time; ${kept(changed)}`,
    why: sql ? `${why}; the statement: ${shortened(sql)}` : why,
    next: changed
      ? [whatIsThere, 'put it right by hand or take it back, then start again']
      : ['end long transactions on its tables, or wait until they have ended', 'start again'],
    retry: !changed,
  });

export const migrationFailed = ({ revision, sql, why, sqlstate, at, changed }: FailedMigration) =>
  new Problem('migration-failed', {
    what: `${revision ? `revision ${revision}` : 'the migration'} failed${at ? ` at ${at}` : ''}; ${kept(changed)}`,
    why: [sqlstate ? `${why} (${sqlstate})` : why, ...(sql ? [`the statement: ${shortened(sql)}`] : [])].join(
      '; ',
    ),
    next: changed
      ? [whatIsThere, 'put it right by hand or take it back, then start again']
      : ['correct the revision or the data that it stumbled on', 'start again'],
    retry: false,
  });

/** The server crashed, or the network to it did. */
export const migrationCutOff = ({ revision, why, changed }: FailedMigration) =>
  new Problem('migration-cut-off', {
    what: `the connection broke during ${revision ? `revision ${revision}` : 'the migration'}; ${kept(changed)}`,
    why,
    next: ['see whether the server runs, and its log', changed ? whatIsThere : 'start again'],
    retry: !changed,
  });

/** The connection broke in the very moment of the commit. */
export const commitUnknown = (why: string) =>
  new Problem('commit-unknown', {
    what: 'the connection was lost while the migration was committed; whether it was is not known',
    why,
    next: [whatIsThere, 'start again once that is clear'],
    retry: false,
  });

/** The bridge ended at our own word. */
export const migrationAborted = (why: string, changed: boolean) =>
  new Problem('migration-aborted', {
    what: `the migration was stopped; ${kept(changed)}`,
    why,
    next: changed ? [whatIsThere, 'start again once that is clear'] : ['start again'],
    retry: false,
  });

/** Python ended without a last word: killed, out of memory, or crashed. */
export const bridgeDied = (verb: string, why: string) =>
  new Problem('bridge-died', {
    what:
      verb === 'inspect'
        ? 'Python died while it looked at the Alembic project; nothing was changed'
        : `Python died during alembic ${verb}; how far it came is not known`,
    ...(why ? { why } : {}),
    next: verb === 'inspect' ? ['start again'] : [whatIsThere, 'start again once that is clear'],
    retry: verb === 'inspect',
  });
