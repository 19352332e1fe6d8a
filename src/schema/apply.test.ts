import { parse } from '../sql/parse.js';
import { apply } from './apply.js';
import { emptySchema } from './empty.js';
import { schemaFromSql } from './from-sql.js';
import type { Schema } from './model.js';
import { isNew, relationNamed, typeNamed } from './resolve.js';

async function after(sql: string, schema: Schema = emptySchema()): Promise<Schema> {
  for (const part of await parse(sql)) if ('node' in part) apply(schema, part.node);
  return schema;
}

const catalog = async (sql: string): Promise<Schema> => ({
  ...(await schemaFromSql(sql)).schema,
  source: 'catalog',
});

describe('without a catalog', () => {
  it.each([
    ['a table that it made', 'CREATE TABLE t (a int)', true],
    ['one that may have been there', 'CREATE TABLE IF NOT EXISTS t (a int)', false],
    ['one in another schema', 'CREATE TABLE s.t (a int)', false],
    ['a table of rows from a query', 'SELECT 1 INTO t', true],
    ['a partition of an old table', 'CREATE TABLE t PARTITION OF p DEFAULT', false],
    ['a child of an old table', 'CREATE TABLE t () INHERITS (p)', false],
    ['a table that became a part of an old one', 'CREATE TABLE t (a int); ALTER TABLE p ATTACH PARTITION t DEFAULT', false],
    ['a partition of a new table', 'CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE t PARTITION OF p DEFAULT', true],
    ['a view', 'CREATE VIEW t AS SELECT 1', true],
    ['a view that may have been there', 'CREATE OR REPLACE VIEW t AS SELECT 1', false],
    ['an old table that took the name', 'CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; ALTER TABLE old RENAME TO t', false],
    ['a table that is gone', 'CREATE TABLE t (a int); DROP TABLE t', false],
    ['a table whose schema is gone', 'CREATE SCHEMA s; CREATE TABLE s.t (a int); DROP SCHEMA s CASCADE', false],
    ['an index of a new table', 'CREATE TABLE u (a int); CREATE INDEX t ON u (a)', true],
    ['an index of an old one', 'CREATE INDEX t ON old (a)', false],
  ])('%s', async (_, sql, expected) => expect(isNew(await after(sql), 't')).toBe(expected));
});

describe('it forgets after what nobody knows', () => {
  it.each([
    'DO $$ BEGIN PERFORM 1; END $$',
    'SELECT clean_up()',
    'CALL clean_up()',
    'ROLLBACK',
    'SET search_path = other',
    'SET LOCAL search_path TO other',
    "SELECT set_config('search_path', 'other', true)",
    'RESET ALL',
    'DISCARD ALL',
    'SET ROLE other',
    'DROP EXTENSION citext CASCADE',
    'IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z',
    'ALTER EXTENSION x SET SCHEMA y',
  ])('%s', async (sql) => {
    const schema = await after(sql, await catalog('CREATE TABLE t (a int)'));
    expect(schema).toMatchObject({ source: 'none', relations: new Map() });
    expect(schema.forgotten).toBeTruthy();
  });

  it.each([
    'INSERT INTO t VALUES (1)',
    "SELECT setval('s', 5)",
    "SELECT pg_catalog.set_config('lock_timeout', '1s', false)",
    "SET lock_timeout = '1s'",
    'SELECT pg_advisory_xact_lock(1)',
    "COMMENT ON TABLE t IS 'x'",
    'GRANT SELECT ON t TO PUBLIC',
    'BEGIN; COMMIT',
    'VACUUM t',
  ])('but not after %s', async (sql) => {
    const schema = await after(sql, await catalog('CREATE TABLE t (a int)'));
    expect(relationNamed(schema, 't')?.columns).toHaveLength(1);
  });

  it('while the path is not known, a name without a schema is nobody’s, and changing one is enough to forget', async () => {
    const schema = await after('SET search_path = s; CREATE TABLE t (a int); CREATE TABLE s.t (a int)');
    expect([isNew(schema, 't'), isNew(schema, 's.t')]).toEqual([false, true]);
    await after('DROP TABLE t; ALTER TABLE old RENAME TO t', schema);
    expect(isNew(schema, 's.t')).toBe(false);
  });
});

describe('with a catalog', () => {
  it('knows what IF NOT EXISTS finds', async () => {
    const schema = await catalog('CREATE TABLE t (a int)');
    await after('CREATE TABLE IF NOT EXISTS t (b int); CREATE TABLE IF NOT EXISTS u (b int)', schema);
    expect([isNew(schema, 't'), isNew(schema, 'u')]).toEqual([false, true]);
    expect(relationNamed(schema, 't')?.columns[0]?.name).toBe('a');
  });

  it('finds names by the path, a temporary table first', async () => {
    const schema = await catalog('CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE TABLE public.t (b int)');
    schema.searchPath = ['nowhere', 's', 'public'];
    expect(relationNamed(schema, 't')?.key).toBe('s.t');
    await after('CREATE TABLE u (a int); CREATE TEMP TABLE t (c int)', schema);
    expect([relationNamed(schema, 'u')?.key, relationNamed(schema, 't')?.key]).toEqual(['s.u', 'pg_temp.t']);
    // A schema of the path that did not exist before comes first from now on.
    await after('CREATE SCHEMA nowhere; CREATE TABLE w (a int)', schema);
    expect(relationNamed(schema, 'w')?.key).toBe('nowhere.w');
  });

  it('a new enum label cannot be used until it is committed', async () => {
    const schema = await catalog("CREATE TYPE mood AS ENUM ('ok')");
    await after("ALTER TYPE mood ADD VALUE 'bad'", schema);
    expect(typeNamed(schema, 'mood')).toMatchObject({ labels: ['ok', 'bad'], uncommittedLabels: ['bad'] });
    await after('COMMIT', schema);
    expect(typeNamed(schema, 'mood')?.uncommittedLabels).toEqual([]);
  });
});

describe('schemaFromSql', () => {
  it('names what it could not read, with its line, and is not whole after what nobody knows', async () => {
    const { schema, unread } = await schemaFromSql('CREATE TABLE t (a int);\nSELEC 1;\nDO $$ BEGIN END $$;\nCREATE TABLE u ();');
    expect(unread.map(({ line, why }) => [line, why])).toEqual([
      [2, 'syntax error at or near "SELEC"'],
      [3, 'nobody knows what it does, so that all before it had to be forgotten'],
    ]);
    expect([schema.source, [...schema.relations.keys()]]).toEqual(['none', ['public.u']]);
  });

  it('follows the search path, as pg_dump sets it and as people do', async () => {
    const { schema } = await schemaFromSql(
      "SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE public.t (); CREATE SCHEMA s; SET search_path = s; CREATE TABLE u ()",
    );
    expect([schema.source, [...schema.relations.keys()]]).toEqual(['file', ['public.t', 's.u']]);
    expect([...schema.relations.values()].some((each) => each.isNew)).toBe(false);
  });
});
