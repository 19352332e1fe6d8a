import { shownKeys } from '../domain/example-keys.js';
import { KEEPSAKES } from '../domain/keepsake.js';
import type { Finding, LockedRelation, LockMode, Plan } from '../domain/plan.js';
import { lockModes } from '../domain/plan.js';
import { localOf, placeOf } from '../domain/sql-name.js';
import { modeInWords, type TracedRows, type TracedStatement } from '../domain/trace.js';
import { count } from '../domain/units.js';
import { check } from '../rules/check.js';
import measuredRewrite from '../rules/measured-rewrite.js';
import measuredRowsChanged from '../rules/measured-rows-changed.js';
import measuredStrongerLock from '../rules/measured-stronger-lock.js';
import measuredValuesLost from '../rules/measured-values-lost.js';
import { locked, type Rule } from '../rules/rule.js';
import { alembicRun, followRevision } from '../rules/transaction-run.js';
import type { Schema } from '../schema/model.js';
import { about } from './about.js';
import { asKey, Predicted } from './predicted.js';
import { parseSent } from './sent-sql.js';

/** What was seen of a plan going forward and back on a copy. */
export interface Seen {
  /** In the order in which they were sent. */
  statements: readonly TracedStatement[];
  /** Of the copy, before the first. */
  schema: Schema;
  /** Major version of the server. */
  postgres: number;
  /** Columns whose values are others after going back. */
  lost: readonly LostValues[];
}

export interface LostValues {
  table: string;
  column: string;
  /** Rows whose value is another one; null: not counted. */
  rows: number | null;
  /** Of the table. */
  of: number;
  keys: readonly string[];
}

/** What a revision sent, as the check reads it now that it is known. */
export interface ReadRevision {
  revision: string;
  statements: readonly TracedStatement[];
  /** By the rules of the check, of all that it sent. */
  findings: readonly Finding[];
}

/** Holds what was measured against what the check has told. */
export async function readRehearsal(
  plan: Plan,
  { statements, schema, postgres, lost }: Seen,
): Promise<{ surprises: Finding[]; read: ReadRevision[] }> {
  const run = alembicRun(plan.transactionPerMigration);
  const surprises: Finding[] = [];
  const read = new Map<string, { statements: TracedStatement[]; findings: Finding[] }>();
  for (const statement of statements) {
    const { revision, sql } = statement;
    let one = read.get(revision);
    if (!one) {
      followRevision(run, revision);
      read.set(revision, (one = { statements: [], findings: [] }));
    }
    const parsed = await parseSent(sql);
    const predicted = new Predicted(parsed, schema, postgres);
    const where = whereIn(plan, revision);
    surprises.push(...surprisesIn(statement, predicted, (name) => isOurs(plan, name), where));
    const source = { ...where, linesOfFile: false, versionTable: plan.versionTable.name, postgres };
    one.statements.push(statement);
    one.findings.push(...check(parsed, source, schema, run).findings);
  }
  const values = lost.map((each) => lostValues(each, plan));
  return {
    surprises: [...surprises, ...values],
    read: [...read].map(([revision, one]) => ({ revision, ...one })),
  };
}

/** Alembic's table, and what was moved to our schema. */
const isOurs = ({ versionTable }: Plan, name: string): boolean =>
  placeOf(asKey(name)) === KEEPSAKES ||
  (localOf(asKey(name)) === asKey(versionTable.name) &&
    (versionTable.schema === null || placeOf(asKey(name)) === asKey(versionTable.schema)));

type Where = Pick<Finding, 'file'> & { revision: string };

const whereIn = ({ revisions }: Plan, revision: string): Where => ({
  revision,
  file: revisions.find((each) => each.revision === revision)?.file ?? '',
});

type Found = (rule: Rule, message: string, relations?: LockedRelation[], more?: Partial<Finding>) => Finding;

function surprisesIn(
  { sql, trace }: TracedStatement,
  predicted: Predicted,
  isOurs: (name: string) => boolean,
  where: Where,
): Finding[] {
  if (!trace) return [];
  const found: Found = (rule, message, relations = [], more = {}) => ({
    ...about(rule, where, message),
    ...{ statement: sql, relations, dataLoss: rule.dataLoss ?? false, evidence: 'rehearsal' },
    ...more,
  });
  const locks = trace.locks
    .filter(([name, kind]) => TABLES.includes(kind) && !isOurs(name))
    .map(([name, , mode]) => ({ name: shortOf(name), key: name, mode: modeInWords(mode) as LockMode }))
    .filter(({ key, mode }) => isStronger(mode, predicted.lockOn(key)))
    .map(({ name, key, mode }) => strongerLock(found, name, mode, predicted.lockOn(key)));
  const rewrites = trace.rewritten
    .filter((name) => !isOurs(name) && !predicted.rewrites(name))
    .map((name) =>
      found(measuredRewrite, `the statement writes ${shortOf(name)} anew, which was not expected`, [
        locked(shortOf(name), 'ACCESS EXCLUSIVE'),
      ]),
    );
  const rows = trace.rows
    .filter(([name]) => !isOurs(name) && !predicted.names(name))
    .flatMap((each) => otherRows(found, each));
  return [...locks, ...rewrites, ...rows];
}

function otherRows(found: Found, [name, , , , , updated, deleted]: TracedRows): Finding[] {
  if (updated + deleted === 0) return [];
  const what = deleted ? `deletes ${count(deleted, 'row')}` : `changes ${count(updated, 'row')}`;
  const relations = [locked(shortOf(name), 'ROW EXCLUSIVE')];
  const message = `the statement also ${what} of ${shortOf(name)}, which it does not name`;
  return [found(measuredRowsChanged, message, relations, deleted ? {} : { risk: 'high' })];
}

/** Tables, partitioned ones, materialized views, foreign tables. */
const TABLES = 'rpmf';

/** Only what keeps others waiting can be a surprise. */
const isStronger = (measured: LockMode, told: LockMode | null): boolean =>
  locked('', measured).blocks !== 'nothing' &&
  lockModes.indexOf(measured) > (told === null ? -1 : lockModes.indexOf(told));

function strongerLock(found: Found, name: string, mode: LockMode, told: LockMode | null): Finding {
  const relation = locked(name, mode);
  const expected = told === null ? 'none was expected' : `${told} was expected`;
  return found(
    measuredStrongerLock,
    `the statement locks ${name} (${mode}, ${relation.blocks} wait), and ${expected}`,
    [relation],
    relation.blocks === 'reads and writes' ? {} : { risk: 'medium' },
  );
}

/** As people write it: what lies in `public` needs no schema. */
const shortOf = (name: string): string => (placeOf(name) === 'public' ? localOf(name) : name);

function lostValues({ table, column, rows, of, keys }: LostValues, plan: Plan): Finding {
  const name = `${shortOf(table)}.${column}`;
  const many = rows === null ? 'some rows' : `${count(rows, 'row')} of ${of.toLocaleString('en-US')}`;
  const such = keys.length ? `, such as ${shownKeys(keys)}` : '';
  const by = plan.revisions.findLast(({ upSql, partly }) =>
    `${upSql ?? ''}${partly?.upSql ?? ''}`.toLowerCase().includes(column.toLowerCase()),
  );
  return {
    ...about(
      measuredValuesLost,
      by ? { revision: by.revision, file: by.file } : { file: plan.revisions[0]?.file ?? '' },
      `${name} has other values after going forward and back: ${many}${such}`,
    ),
    ...{ relations: [locked(shortOf(table), 'ACCESS SHARE')], dataLoss: true, evidence: 'rehearsal' },
  };
}
