import { written } from '../phases/filled.js';
import { parse } from '../sql/parse.js';
import { check } from './check.js';
import { emptySchema } from '../schema/empty.js';
import { alembicRun, followEnd, followRevision, plainRun } from './transaction-run.js';
import type { TransactionRun } from './transaction-run.js';

/** Findings of the rules that speak of transactions. */
const about =
  /^(committed-midway|enum-value-used|fails-in-transaction|timeout-cuts-build|transaction-|work-under)/;

async function inRun(
  run: TransactionRun,
  revisions: Record<string, string>,
  { postgres, byHand = false }: { postgres?: number; byHand?: boolean } = {},
): Promise<string[]> {
  const schema = emptySchema(postgres);
  const found: string[] = [];
  for (const [revision, sql] of Object.entries(revisions)) {
    followRevision(run, revision);
    const source = {
      ...{ file: `${revision}.py`, revision, linesOfFile: false, isRunners: () => !byHand },
      ...(postgres === undefined ? {} : { postgres }),
    };
    const { findings } = check(await parse(sql), source, schema, run);
    found.push(...findings.filter(({ rule }) => about.test(rule)).map((one) => `${revision} ${one.rule}`));
  }
  followEnd(run);
  return found;
}

const inOne = (revisions: Record<string, string>, postgres?: number) =>
  inRun(alembicRun(false), revisions, postgres === undefined ? {} : { postgres });
const inEach = (revisions: Record<string, string>) => inRun(alembicRun(true), revisions);
const inPlain = (sql: string, inTransaction = false) => inRun(plainRun(inTransaction), { file: sql });

const CIC = 'CREATE INDEX CONCURRENTLY i ON orders (a);';
const ADD = 'ALTER TABLE orders ADD COLUMN note text;';
const VALUE = "ALTER TYPE state ADD VALUE 'gone';";
const USE = "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'gone';";
const NOT_VALID = 'ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID;';
const VALIDATE = 'ALTER TABLE orders VALIDATE CONSTRAINT c;';

/** As the way back of a phased change has it. */
const COMMITS =
  written({ table: 'orders', key: ['id'], set: 'a = b', where: 'a IS DISTINCT FROM b' })[0]!.sql + ';';

describe('one transaction around all revisions', () => {
  it.each<[string, Record<string, string>, ...string[]]>([
    ['CONCURRENTLY in it', { r1: CIC }, 'r1 fails-in-transaction'],
    ['CONCURRENTLY outside of it', { r1: `COMMIT; ${CIC} BEGIN;` }],
    ['a block that commits, in it', { r1: COMMITS }, 'r1 fails-in-transaction'],
    ['a block that commits, outside of it', { r1: `COMMIT; ${COMMITS} BEGIN;` }],
    ['a value added in one revision and used in the next', { r1: VALUE, r2: USE }, 'r2 enum-value-used'],
    [
      'a value committed before it is used',
      { r1: `COMMIT; ${VALUE} BEGIN;`, r2: USE },
      'r2 committed-midway',
    ],
    ['a value placed after a new one', { r1: VALUE, r2: "ALTER TYPE state ADD VALUE 'x' AFTER 'gone'" }],
    ['another word', { r1: VALUE, r2: "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'go'" }],
    ['NOT VALID and VALIDATE', { r1: NOT_VALID, r2: VALIDATE }, 'r2 work-under-lock'],
    ['rows changed under a lock', { r1: ADD, r2: 'UPDATE shops SET a = 1' }, 'r2 work-under-lock'],
    ['rows changed before the lock', { r1: 'UPDATE shops SET a = 1', r2: ADD }],
    ['rows put in under a lock', { r1: ADD, r2: 'INSERT INTO shops VALUES (1)' }],
    ['work on a new table under a lock', { r1: ADD, r2: 'CREATE TABLE t (a int); CREATE INDEX j ON t (a)' }],
    [
      'work after a lock on a new table',
      { r1: 'CREATE TABLE t (a int)', r2: `ALTER TABLE t ADD b int; CREATE INDEX j ON orders (a)` },
    ],
    ['an index built under a lock', { r1: `${ADD} CREATE INDEX j ON orders (a)` }, 'r1 work-under-lock'],
    ['two short changes', { r1: ADD, r2: 'ALTER TABLE shops ADD COLUMN note text' }],
    [
      'what a block commits of its own revision',
      { r1: `${ADD} COMMIT; ${CIC} BEGIN;` },
      'r1 committed-midway',
    ],
    [
      'what a block leaves of the revision before',
      { r1: `COMMIT; ${CIC} BEGIN;`, r2: ADD },
      'r2 committed-midway',
    ],
    [
      'what can be done again',
      {
        r1: 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text; COMMIT; DROP INDEX CONCURRENTLY IF EXISTS i; BEGIN;',
        r2: ADD,
      },
    ],
  ])('%s', async (_, revisions, ...expected) => expect(await inOne(revisions)).toEqual(expected));

  it('lets a value be used with the type that it came with, from version 17 on', async () => {
    const revisions = { r1: `CREATE TYPE state AS ENUM ('new'); ${VALUE}`, r2: USE };
    expect(await inOne(revisions, 16)).toEqual(['r2 enum-value-used']);
    expect(await inOne(revisions, 17)).toEqual([]);
    expect(await inOne({ r1: VALUE, r2: USE }, 18)).toEqual(['r2 enum-value-used']);
  });

  it('knows that a value cannot be added in it before version 12', async () => {
    expect(await inOne({ r1: VALUE }, 11)).toEqual(['r1 fails-in-transaction']);
    expect(await inOne({ r1: VALUE }, 12)).toEqual([]);
  });

  it('is in the way of BEGIN and COMMIT by hand', async () => {
    const byHand = await inRun(alembicRun(false), { r1: `COMMIT; ${CIC}` }, { byHand: true });
    expect(byHand).toEqual(['r1 transaction-by-hand', 'r1 fails-in-transaction']);
  });

  it('tells which locks it held through later revisions', async () => {
    const run = alembicRun(false);
    await inRun(run, { r1: ADD, r2: 'ALTER TABLE shops ADD COLUMN note text' });
    expect(run.ended).toMatchObject([
      {
        revisions: ['r1', 'r2'],
        held: [
          { name: 'orders', revision: 'r1' },
          { name: 'shops', revision: 'r2' },
        ],
      },
    ]);
  });
});

describe('a transaction a revision', () => {
  it.each<[string, Record<string, string>, ...string[]]>([
    ['a value added in one and used in the next', { r1: VALUE, r2: USE }],
    ['a value added and used in one', { r1: VALUE + USE }, 'r1 enum-value-used'],
    ['NOT VALID and VALIDATE in two', { r1: NOT_VALID, r2: VALIDATE }],
    ['NOT VALID and VALIDATE in one', { r1: NOT_VALID + VALIDATE }, 'r1 work-under-lock'],
    ['a block that is all of its revision', { r1: `COMMIT; ${CIC} BEGIN;`, r2: ADD }],
    ['two indexes in one block', { r1: `COMMIT; ${CIC}${CIC} BEGIN;` }, 'r1 committed-midway'],
  ])('%s', async (_, revisions, ...expected) => expect(await inEach(revisions)).toEqual(expected));
});

describe('a file of SQL', () => {
  it.each<[string, string, ...string[]]>([
    ['statements that commit by themselves', CIC + NOT_VALID + VALIDATE + VALUE + USE],
    ['a transaction of its own', `BEGIN; ${NOT_VALID}${VALIDATE} COMMIT; ${CIC}`, 'file work-under-lock'],
    [
      'a transaction rolled back',
      `BEGIN; ${NOT_VALID} ROLLBACK; ${VALIDATE}`,
      'file transaction-rolled-back',
    ],
    ['a transaction left open', `BEGIN; ${ADD}`, 'file transaction-left-open'],
    ['a timeout that cuts a build', `SET lock_timeout = '2s'; ${CIC}`, 'file timeout-cuts-build'],
    ['a timeout switched off again', `SET lock_timeout = '2s'; RESET lock_timeout; ${CIC}`],
    ['a timeout of another transaction', `BEGIN; SET LOCAL lock_timeout = '2s'; ${ADD} COMMIT; ${CIC}`],
    ['a timeout of nothing', `SET lock_timeout = '0s'; ${CIC}`],
  ])('%s', async (_, sql, ...expected) => expect(await inPlain(sql)).toEqual(expected));

  it('may be run in one transaction', async () => {
    expect(await inPlain(NOT_VALID + VALIDATE, true)).toEqual(['file work-under-lock']);
    expect(await inPlain(CIC, true)).toEqual(['file fails-in-transaction']);
  });
});
