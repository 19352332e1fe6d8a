import { kindOf } from './ast.js';
import { parse } from './parse.js';

async function block(body: string, language = '') {
  const [part] = await parse(`DO ${language} $x$ ${body} $x$;`);
  if (!part || !('node' in part)) throw new Error('no DO block');
  if (!part.block) return undefined;
  const { nodes, ...known } = part.block;
  return { kinds: nodes.map(kindOf).sort(), ...known };
}

it('knows the statements of all ways through a block', async () => {
  expect(
    await block(
      `BEGIN
         IF NOT EXISTS (SELECT 1 FROM pg_type) THEN CREATE TYPE a AS ENUM ('b'); ELSE DROP TABLE c; END IF;
         FOR i IN 1..3 LOOP DELETE FROM d; END LOOP;
         EXECUTE 'CREATE INDEX e ON f (g)';
       EXCEPTION WHEN duplicate_object THEN TRUNCATE h;
       END`,
    ),
  ).toEqual({
    kinds: [
      'CreateEnumStmt',
      'DeleteStmt',
      'DropStmt',
      'IndexStmt',
      ...Array<string>(4).fill('SelectStmt'),
      'TruncateStmt',
    ],
    unknown: [],
  });
});

it.each([
  [
    'SQL that is put together',
    "DECLARE t text := 'a'; BEGIN EXECUTE 'DROP TABLE ' || t; END",
    /puts together/,
  ],
  ['SQL by format()', "BEGIN EXECUTE format('DROP TABLE %I', 'a'); END", /puts together/],
  ['SQL from a variable', "DECLARE t text := 'DROP TABLE a'; BEGIN EXECUTE t; END", /puts together/],
  [
    'a loop over such SQL',
    'DECLARE r record; BEGIN FOR r IN EXECUTE version() LOOP NULL; END LOOP; END',
    /puts together/,
  ],
  ['its own ROLLBACK', 'BEGIN DELETE FROM a; ROLLBACK; END', /ROLLBACK/],
  ['what cannot be read', 'BEGIN this is nothing; END', /cannot be read/],
  [
    'SQL in it that cannot be read',
    "BEGIN EXECUTE 'DROP TABEL a'; END",
    /'DROP TABEL a' in it cannot be read/,
  ],
])('does not know what a block does that has %s', async (_, body, why) => {
  expect((await block(body))?.unknown).toEqual([expect.stringMatching(why)]);
});

it('knows that a block commits', async () => {
  expect(await block('BEGIN LOOP DELETE FROM a; COMMIT; END LOOP; END')).toMatchObject({
    unknown: [],
    commits: true,
  });
  expect(await block('BEGIN DELETE FROM a; END')).not.toHaveProperty('commits');
});

it('knows nothing of other languages', async () => {
  expect(await block('import os', 'LANGUAGE plpython3u')).toBeUndefined();
});
