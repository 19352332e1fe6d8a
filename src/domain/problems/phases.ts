import { Problem } from '../problem.js';

/** What a change in phases cannot be written for, and what can be done instead. */
const refused = (code: string, what: string, next: readonly string[]) =>
  new Problem(code, { what, next, retry: false });

export const noSuchTable = (table: string) =>
  refused('no-such-table', `there is no table ${table} in the target's database`, [
    'name it as SQL does: orders, sales.orders, "Orders"',
    'or bring the database to the newest revision first: lockkeeper deploy',
  ]);

export const noSuchColumn = (table: string, column: string, near: readonly string[]) =>
  refused('no-such-column', `${table} has no column ${column}`, [
    near.length
      ? `did you mean ${near.join(' or ')}?`
      : 'name it as SQL does, in double quotes where it has capital letters',
  ]);

export const columnExists = (table: string, column: string) =>
  refused('column-exists', `${table} has a column ${column} already`, [
    'give another name',
    `or drop that one first, if nothing uses it: lockkeeper phases new drop-column --table ${table} --column ${column}`,
  ]);

export const nameIsTaken = (name: string, by: string) =>
  refused('name-taken', `${name} exists already: ${by}`, [
    'if it is what an earlier change has left, take that change to its end, or go back, first',
    'or give another name: --change for the change, --name for an index or a constraint',
  ]);

/** @param instead - what to do */
export const notPlainTable = (table: string, kind: string, instead: string) =>
  refused('not-a-plain-table', `${table} is ${kind}, and this is written for plain tables`, [instead]);

export const needsPrimaryKey = (table: string, why: string) =>
  refused('primary-key-needed', `${table} has no primary key that fits: ${why}`, [
    `add one first: ALTER TABLE ${table} ADD PRIMARY KEY USING INDEX, of a unique index of columns that are NOT NULL`,
  ]);

export const columnIsUsed = (table: string, column: string, users: readonly string[], instead: string) =>
  refused('column-is-used', `${table}.${column} is used by ${users.join(', ')}`, [instead]);

/** @param instead - what to do */
export const columnUnfit = (table: string, column: string, is: string, instead: string) =>
  refused('column-does-not-fit', `${table}.${column} ${is}`, [instead]);

export const tablePublished = (table: string, publications: readonly string[]) =>
  refused(
    'table-published',
    `${table} is in the publication ${publications.join(', ')}: subscribers do not get its new columns by themselves`,
    [
      'add the same columns to the tables of the subscribers first, and drop them there after contract',
      'then say so: --published',
    ],
  );

export const databaseBehind = (pending: number, head: string) =>
  refused(
    'database-behind',
    `the database lacks ${pending} of the revisions up to ${head}, and what is written is taken from the database`,
    [
      'bring it to the newest revision first: lockkeeper deploy, or alembic upgrade head on a database of your own',
    ],
  );

export const templateUnfit = (file: string, why: string) =>
  refused(
    'template-unfit',
    `the template of revision files (${file}) does not take what is to be written: ${why}`,
    [
      'it must have ${upgrades if upgrades else "pass"} and ${downgrades if downgrades else "pass"}, and import op from alembic, as the one that alembic init writes',
      'nothing was written',
    ],
  );

export const scaffoldNotWritten = (path: string, why: string) =>
  new Problem('scaffold-not-written', {
    what: `${path} could not be written`,
    why,
    next: ['make its folder writable for this user; revisions that were written are taken away again'],
    retry: false,
  });

export const noSuchType = (type: string) =>
  refused('no-such-type', `PostgreSQL knows no type ${type}`, [
    'name it as SQL does: bigint, numeric(12,2), "char"',
    'a type of an extension or of your own must be there first',
  ]);

/** @param given - flag and expression */
export const expressionRefused = (given: string, why: string) =>
  new Problem('expression-refused', {
    what: `PostgreSQL does not take ${given}`,
    why,
    next: [
      'correct it: --set is of the columns that there are, --back of the new ones',
      'nothing was written',
    ],
    retry: false,
  });

/** Nothing can be older than nobody knows when. */
export const sinceUnknown = (target: string) =>
  new Problem('since-unknown', {
    what: `nobody knows when the release of ${target} was deployed that runs now`,
    why: 'there is no record of a deploy in the state folder',
    next: ['say it: --since 2026-11-26T12:00:00Z'],
    retry: false,
  });
