import { parse } from '../sql/parse.js';
import { check } from './check.js';
import { emptySchema } from '../schema/empty.js';
import { findingsIn } from './testing.js';

const found = async (sql: string) =>
  (await findingsIn(sql)).map(({ rule, risk, message }) => [rule, risk, message].join(' | '));

it('a block that makes a type if it is not there is harmless', async () => {
  expect(
    await found(
      "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'a') THEN CREATE TYPE a AS ENUM ('b'); END IF; END $$",
    ),
  ).toEqual([]);
  expect(
    await found(
      "DO $$ BEGIN CREATE TYPE a AS ENUM ('b'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
    ),
  ).toEqual([]);
});

it('each statement of a block is judged, and said to be in it', async () => {
  expect(await found("DO $$ BEGIN CREATE INDEX i ON t (a); EXECUTE 'DROP TABLE b'; END $$")).toEqual([
    'index-blocks-writes | medium | in the DO block: building i blocks writes to t',
    'table-dropped | very-high | in the DO block: dropping b removes all rows for good',
  ]);
});

it('a function that a block calls, in a statement or in an expression, is as unknown as any', async () => {
  for (const body of ['PERFORM f();', 'IF f() THEN NULL; END IF;', "RAISE NOTICE '%', f();"])
    expect((await findingsIn(`DO $$ BEGIN ${body} END $$`)).map(({ rule }) => rule)).toEqual([
      'function-called',
    ]);
});

it('what nobody knows of it is very high and not analysed, beside what is known', async () => {
  const sql = "DO $$ BEGIN CREATE INDEX i ON t (a); EXECUTE 'DROP TABLE ' || current_user; END $$";
  const { findings, coverage } = check(await parse(sql), { file: 'a', linesOfFile: true }, emptySchema());
  expect(findings.map(({ rule }) => rule)).toEqual(['index-blocks-writes', 'code-block']);
  expect(coverage).toEqual({ analysed: 0, total: 1 });
});

it('after a block, a table that it may have dropped is not new any more', async () => {
  const after = 'CREATE INDEX i ON t (a);';
  expect(await found(`CREATE TABLE t (a int PRIMARY KEY); DO $$ BEGIN NULL; END $$; ${after}`)).toEqual([]);
  for (const body of ['DROP TABLE t;', "EXECUTE 'DROP TABLE ' || 't';"])
    expect(
      (await found(`CREATE TABLE t (a int PRIMARY KEY); DO $$ BEGIN ${body} END $$; ${after}`)).at(-1),
    ).toContain('index-blocks-writes');
});

it('CONCURRENTLY in a block fails', async () => {
  const all = await findingsIn('DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON t (a); END $$');
  expect(all.map(({ rule }) => rule)).toContain('fails-in-transaction');
});
