import { factsWith, pending } from '../../test/support/plan-facts.js';
import { buildPlan } from './build.js';
import type { PendingRevision } from './facts.js';

const found = async (...revisions: PendingRevision[]) =>
  (await buildPlan(factsWith(...revisions))).findings
    .filter(({ rule }) => /^(downgrade-|type-left)/.test(rule))
    .map(({ rule, message }) => `${rule}: ${message}`);

const ENUM = "CREATE TYPE state AS ENUM ('a'); CREATE TABLE t (s state);";
const lost = 'downgrade-loses-data: its downgrade loses what was there before: ';

describe('findingsOnWayBack', () => {
  it.each<[string, string, string, ...string[]]>([
    ['what it added', 'ALTER TABLE orders ADD COLUMN a int', 'ALTER TABLE orders DROP COLUMN a'],
    [
      'a table that it made',
      'CREATE TABLE t (id int); CREATE INDEX i ON t (id)',
      'DROP INDEX i; DROP TABLE t',
    ],
    ['an index', 'CREATE INDEX i ON orders (a)', 'DROP INDEX i'],
    [
      'a column that was there',
      'ALTER TABLE orders ADD COLUMN a int',
      'ALTER TABLE orders DROP COLUMN b',
      `${lost}this drops orders.b, which it has not added`,
    ],
    [
      'rows that were there',
      'CREATE UNIQUE INDEX CONCURRENTLY i ON orders (a)',
      'DELETE FROM orders WHERE a IS NULL',
      `${lost}this changes rows of orders, which exists already`,
    ],
    ['rows of a table that it made', 'CREATE TABLE t (id int)', 'DELETE FROM t; DROP TABLE t'],
    [
      'a table that was there',
      'CREATE TABLE t (id int)',
      'DROP TABLE orders; TRUNCATE shops',
      expect.stringMatching(/before: .* orders .*, and 1 more$/),
    ],
    [
      'a type that stays',
      ENUM,
      'DROP TABLE t',
      'type-left-behind: its downgrade leaves the type state behind: the next upgrade fails on it',
    ],
    ['a type that goes', ENUM, 'DROP TABLE t; DROP TYPE state'],
    ['a type of a schema', "CREATE TYPE s.state AS ENUM ('a')", 'DROP TYPE IF EXISTS s.state'],
  ])('looks at %s', async (_, up, down, ...expected) =>
    expect(await found(pending('1a', up, down))).toEqual(expected),
  );

  it('tells of each way to have none, where there is something to undo', async () => {
    expect(
      await found(
        pending('1a', 'ALTER TABLE t ADD COLUMN a int', null, { downgrade: 'missing' }),
        pending('2b', 'ALTER TABLE t ADD COLUMN b int', '', { downgrade: 'empty' }),
        pending('3c', 'ALTER TABLE t ADD COLUMN c int', null, { downgrade: 'raises' }),
        pending('4d', "UPDATE alembic_version SET version_num = '4d'", '', { downgrade: 'empty' }),
      ),
    ).toEqual([
      'downgrade-missing: it has no downgrade',
      'downgrade-missing: its downgrade does nothing, and Alembic counts it as undone all the same',
      'downgrade-missing: its downgrade refuses to run',
    ]);
  });

  it('does not raise the risk of a change for want of a downgrade: it never runs without a person', async () => {
    const plan = await buildPlan(
      factsWith(pending('1a', 'CREATE TABLE t (id int)', null, { downgrade: 'missing' })),
    );
    expect(plan).toMatchObject({ risk: 'low', gate: { notAutomatic: ['1a has no downgrade'] } });
  });
});
