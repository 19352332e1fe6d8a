import { Problem } from '../problem.js';
import type { Failure } from '../record.js';
import { count } from '../units.js';

const PAGE = 'docs/backfill.md has every setting';

/** All faults of its settings at once. */
export const backfillFaults = (from: string, faults: readonly string[]) =>
  new Problem('backfill-faults', {
    what: `${from} has ${count(new Set(faults).size, 'fault')}`,
    why: [...new Set(faults)].map((fault) => `- ${fault}`).join('\n'),
    next: [`correct them; ${PAGE}`],
    retry: false,
  });

/** The table is not there: it never was, or somebody dropped or renamed it meanwhile. */
export const backfillTableGone = (table: string, why: string) =>
  new Problem('backfill-table-gone', {
    what: `the backfill finds no table ${table}`,
    why,
    next: [
      'correct the name; one with capital letters stands in quotes: public."Orders"',
      'what was done stays done, and how far it was is kept: resume it when the table is back',
    ],
    retry: false,
  });

/** A view, a foreign table, or a parent whose parts have keys of their own. */
export const backfillNotATable = (table: string, what: string) =>
  new Problem('backfill-not-a-table', {
    what: `${table} is ${what}, and a backfill changes the rows of a table`,
    next: ['name the table that its rows are in; of a partitioned table without a key: each partition'],
    retry: false,
  });

/** Nothing names its rows in an order. */
export const backfillNoKey = (table: string, why: string) =>
  new Problem('backfill-no-key', {
    what: `the rows of ${table} can not be walked through in batches`,
    why,
    next: [
      'give it a primary key',
      'or name the columns of a unique index, all of them NOT NULL, in its settings: key: [tenant, number]',
    ],
    retry: false,
  });

/** A column that cannot be set, or not in this way. */
export const backfillColumn = (table: string, column: string, why: string) =>
  new Problem('backfill-column', {
    what: `the column ${column} of ${table} can not be backfilled`,
    why,
    next: ['correct `set`', PAGE],
    retry: false,
  });

/** PostgreSQL does not take the statement, before it looks at any row. */
export const backfillExpression = (table: string, why: string) =>
  new Problem('backfill-expression', {
    what: `PostgreSQL does not take the statement that the backfill of ${table} would send`,
    why,
    next: ['correct set, where or verify; each is an expression of the columns of its row', PAGE],
    retry: false,
  });

/** Our own tables can not be made. */
export const backfillNoSchema = (role: string, why: string) =>
  new Problem('backfill-no-schema', {
    what: `the role ${role} may not make the schema lockkeeper_backfill, where a backfill keeps how far it is`,
    why,
    next: [
      `GRANT CREATE ON DATABASE … TO "${role}"`,
      `or: CREATE SCHEMA lockkeeper_backfill AUTHORIZATION "${role}"`,
    ],
    retry: false,
  });

/** One of this name was begun, and what it does is something else. */
export const backfillOther = (name: string, differs: readonly string[]) =>
  new Problem('backfill-other', {
    what: `the backfill ${name} was begun with other settings: ${differs.join(', ')}`,
    next: [
      'go on with those it was begun with',
      'or begin it anew: lockkeeper backfill start --again …',
      'or give the new one a name of its own',
    ],
    retry: false,
  });

export const backfillDone = (name: string, changed: number) =>
  new Problem('backfill-done', {
    what: `the backfill ${name} is done: ${count(changed, 'row')} changed`,
    next: ['begin it anew: lockkeeper backfill start --again …'],
    retry: false,
  });

/** The expression does not fit the data. */
export const tooManyParked = (name: string, parked: number, most: number, last: string) =>
  new Problem('too-many-parked', {
    what: `the backfill ${name} has parked ${count(parked, 'row')}, and mostParked is ${most}`,
    why: `the last one: ${last}`,
    next: [
      'see them: SELECT * FROM lockkeeper_backfill.parked',
      'correct the rows, or the expression (start --again), then resume; parked rows are tried again',
      'or allow more: mostParked',
    ],
    retry: false,
  });

/** PostgreSQL refused a batch for what no smaller batch and no later moment mends. */
export const backfillRefused = (table: string, code: string, why: string) =>
  new Problem('backfill-refused', {
    what: `PostgreSQL refused a batch of the backfill of ${table} (${code})`,
    why,
    next: [
      'the batch was rolled back, and how far it was is kept',
      'mend what its words name, then resume it',
    ],
    retry: false,
  });

export const noBackfill = (target: string, name: string) =>
  new Problem('no-backfill', {
    what: `there is no backfill ${name} of ${target}`,
    next: [`start it: lockkeeper backfill start ${name} ${target} --file backfill.yaml`],
    retry: false,
  });

export const backfillRuns = (target: string, name: string) =>
  new Problem('backfill-runs', {
    what: `the backfill ${name} of ${target} is there already`,
    next: [
      `see it: lockkeeper backfill status ${name} ${target}`,
      `it was paused, or asks for a person? lockkeeper backfill resume ${name} ${target}`,
    ],
    retry: false,
  });

/** It ended before it began, for what its worker found: told in the same words and under the same code. */
export const backfillFailed = (name: string, { code, what, why, next }: Failure) =>
  new Problem(code, {
    what: `the backfill ${name} can not begin: ${what}`,
    ...(why ? { why } : {}),
    next: next.length ? next : [PAGE],
    retry: false,
  });
