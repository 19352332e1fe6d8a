import { Problem } from '../problem.js';

/** What keeps Alembic from being run at all, and what is wrong in its project. What goes wrong while it runs: alembic-run. */

export const noPython = (python: string, why: string) =>
  new Problem('python-not-found', {
    what: `the Python of the application was not found: ${python}`,
    ...(why ? { why } : {}),
    next: [
      "correct alembic.python in lockkeeper.yaml: the interpreter that has the application's packages, such as .venv/bin/python",
      'it may be a command as well: [uv, run, python]',
    ],
    retry: false,
  });

export const oldPython = (python: string, version: string) =>
  new Problem('python-too-old', {
    what: `${python} is Python ${version}, and Lockkeeper needs 3.8 or newer to drive Alembic`,
    next: ["correct alembic.python in lockkeeper.yaml, or renew the application's virtual environment"],
    retry: false,
  });

/** There is an interpreter, and still our text was never read. */
export const pythonDidNotStart = (python: string, why: string) =>
  new Problem('python-did-not-start', {
    what: `${python} ended before it did anything`,
    ...(why ? { why } : {}),
    next: [`try it by hand in the project's folder: ${python} -c "import alembic"`],
    retry: false,
  });

export const noAlembic = (executable: string, why: string) =>
  new Problem('alembic-not-installed', {
    what: `alembic or SQLAlchemy cannot be imported by ${executable}`,
    why,
    next: [
      `install them there: ${executable} -m pip install alembic`,
      "or correct alembic.python in lockkeeper.yaml: the interpreter that has the application's packages",
    ],
    retry: false,
  });

export const noProjectFolder = (folder: string) =>
  new Problem('alembic-folder-missing', {
    what: `the folder of the Alembic project does not exist: ${folder}`,
    next: [
      'correct alembic.project in lockkeeper.yaml: the folder in which alembic is run by hand',
      'if it is named after the release, see that the release is there: --release NAME, or release.next and release.fetch',
    ],
    retry: false,
  });

export const noAlembicConfig = (path: string) =>
  new Problem('alembic-config-missing', {
    what: `Alembic's configuration was not found: ${path}`,
    next: [
      'correct alembic.config in lockkeeper.yaml, relative to alembic.project',
      'or run: alembic init migrations',
    ],
    retry: false,
  });

export const badAlembicConfig = (path: string, why: string) =>
  new Problem('alembic-config-bad', {
    what: `Alembic cannot use its configuration ${path}`,
    why,
    next: ['correct script_location in its section [alembic]'],
    retry: false,
  });

/** `alembic init` writes driver://user:pass@localhost/dbname, and people meet it before anything else. */
const SAMPLE_URL = /Can't load plugin: sqlalchemy\.dialects:driver$/m;

/** @param at - `file:line` of the project where it was raised */
export const envFailed = (why: string, at: string | null) =>
  new Problem('env-failed', {
    what: `Alembic's env.py failed${at ? ` at ${at}` : ''}`,
    why,
    next: [
      ...(SAMPLE_URL.test(why)
        ? ['alembic.ini has its sample URL (driver://): set sqlalchemy.url, or let env.py read DATABASE_URL']
        : []),
      "run the same by hand in the project's folder: alembic current",
      'settings that env.py reads from its environment are set under alembic.environment in lockkeeper.yaml',
    ],
    retry: false,
  });

/** @param file - null when only Alembic's words name it */
export const brokenRevisionFile = (file: string | null, why: string, at: string | null) =>
  new Problem('revision-file-broken', {
    what: `${file ? `the revision file ${file}` : 'a revision file'} does not load${whereIn(file, at)}`,
    why,
    next: ['correct that file: one that does not load stops all of Alembic', 'try it: alembic history'],
    retry: false,
  });

function whereIn(file: string | null, at: string | null): string {
  if (!at || at === file) return '';
  return file && at.startsWith(`${file}:`) ? `, line ${at.slice(file.length + 1)}` : ` (${at})`;
}

export const revisionIdTwice = (revision: string, files: readonly string[]) =>
  new Problem('revision-id-twice', {
    what: `two revision files have the id ${revision}: ${files.join(' and ')}`,
    next: ['give the newer one an id of its own, or delete the one that is not meant'],
    retry: false,
  });

export const missingRevision = (revision: string, file: string) =>
  new Problem('revision-missing', {
    what: `${file} builds on revision ${revision}, and no revision file has that id`,
    next: [`bring the file of ${revision} back, or correct down_revision or depends_on in ${file}`],
    retry: false,
  });

export const severalHeads = (heads: readonly string[]) =>
  new Problem('several-heads', {
    what: `the revisions have ${heads.length} heads: ${heads.join(', ')}`,
    next: [
      `join them: alembic merge -m "merge" ${heads.join(' ')}`,
      'or set down_revision of one to the other, if it is not in use yet',
    ],
    retry: false,
  });

/** It would fail at its very end, when Alembic writes its version table. */
export const revisionIdTooLong = (revision: string, length: number, column: string) =>
  new Problem('revision-id-too-long', {
    what: `the revision id ${revision} has ${revision.length} characters, and the version table holds ${length}`,
    next: [
      'give it a shorter id: revision in its file, and down_revision in those that build on it',
      `or widen the column in a revision before it: ALTER TABLE ${column} ALTER COLUMN version_num TYPE varchar(255)`,
    ],
    retry: false,
  });

export const severalDatabases = () =>
  new Problem('several-databases', {
    what: 'env.py runs the migrations more than once: for several databases or schemas',
    next: [
      'write a target for each, and let env.py tell them apart by a variable set under alembic.environment',
    ],
    retry: false,
  });

export const notPostgresql = (dialect: string) =>
  new Problem('not-postgresql', {
    what: `env.py connects to ${dialect}, or by a driver that is not psycopg2, psycopg or asyncpg`,
    next: ['point env.py to PostgreSQL, by one of these drivers'],
    retry: false,
  });

interface Database {
  database: string;
  startedAt: string;
}

/** env.py and the settings do not mean the same database. */
export const wrongDatabase = (expected: Database, found: Database) =>
  new Problem('wrong-database', {
    what: `env.py connects to another database than the settings: ${named(found)}, not ${named(expected)}`,
    next: [
      'make both read the same URL: database.url in lockkeeper.yaml, and what env.py reads',
      'was the server restarted a moment ago? Then start again',
    ],
    retry: false,
  });
const named = ({ database, startedAt }: Database): string =>
  `${database} on the server that was started at ${startedAt}`;
