import { inspect } from '../../../src/adapters/alembic/inspect.js';
import { run, testProject, type Options, type Revision, type TestProject } from './project.js';

const r1: Revision = {
  id: 'r1',
  up: "op.create_table('a', sa.Column('id', sa.Integer))",
  back: "op.drop_table('a')",
};
const look = ({ alembic }: TestProject) => inspect(alembic, { from: 'database' });
const told = (code: string, what: string | RegExp) => ({ code, told: { what: expect.stringMatching(what) } });

/** Each must be told with its own code, and name what is wrong. */
const bad: [string, Revision[], Options, string, RegExp][] = [
  [
    'two heads',
    [r1, { id: 'x1', down: 'r1' }, { id: 'x2', down: 'r1' }],
    {},
    'several-heads',
    /2 heads: (x1, x2|x2, x1)/,
  ],
  [
    'a file with a syntax error',
    [r1, { id: 'r2', down: 'r1', head: 'def broken(:' }],
    {},
    'revision-file-broken',
    /migrations\/versions\/r2_\.py does not load, line 4/,
  ],
  [
    'a file that imports what is not there',
    [r1, { id: 'r2', down: 'r1', head: 'import no_such_module' }],
    {},
    'revision-file-broken',
    /the revision file migrations\/versions\/r2_\.py does not load/,
  ],
  [
    'a file whose parent is missing',
    [r1, { id: 'r3', down: 'r2' }],
    {},
    'revision-missing',
    /migrations\/versions\/r3_\.py builds on revision r2/,
  ],
  [
    'an id that two files have',
    [r1, { id: 'r2', down: 'r1', head: 'revision = "r2"' }, { id: 'r2_copy', down: 'r1' }],
    {},
    'revision-id-twice',
    /r2_\.py and .*r2_copy_\.py|r2_copy_\.py and .*r2_\.py/,
  ],
  [
    'an id longer than the version column',
    [{ ...r1, id: 'a_revision_with_a_name_of_38_characters' }],
    {},
    'revision-id-too-long',
    /has 39 characters, and the version table holds 32/,
  ],
  [
    'an env.py that raises',
    [r1],
    { envHead: 'os.environ["NOT_SET"]' },
    'env-failed',
    /env\.py failed at migrations\/env\.py:4/,
  ],
  ['an env.py that runs the migrations twice', [r1], { env: twice() }, 'several-databases', /more than once/],
  ['an env.py that runs none', [r1], { env: 'print("nothing")' }, 'env-failed', /env\.py failed/],
];

it.each(bad)('tells %s', async (_name, revisions, options, code, what) => {
  const shop = await testProject(revisions, options);
  if (code === 'revision-id-twice')
    shop.write('migrations/versions/r2_copy_.py', 'revision = "r2"\ndown_revision = "r1"\n');
  await expect(look(shop)).rejects.toMatchObject(told(code, what));
  expect(await shop.query("select to_regclass('alembic_version') as t")).toEqual([{ t: null }]);
});

it('tells what env.py said, without a traceback and without the password', async () => {
  const shop = await testProject([r1], {
    envHead: 'raise RuntimeError("no luck with postgresql://app:s3/cr@t@db:5432/x")',
  });
  await expect(look(shop)).rejects.toMatchObject({
    told: { why: 'RuntimeError: no luck with postgresql://app:***@db:5432/x' },
  });
});

it('tells a database at a revision that no file has', async () => {
  const shop = await testProject([r1]);
  await shop.query(
    "create table alembic_version (version_num varchar(32)); insert into alembic_version values ('zz9')",
  );
  await expect(look(shop)).rejects.toMatchObject(told('unknown-revision', /database is at zz9.*newest: r1/));
  // Where nothing is to run, it may be ahead of the release.
  const seen = await inspect(shop.alembic, { from: 'database', mayBeAhead: true });
  expect(seen).toMatchObject({ current: ['zz9'], heads: ['r1'], pending: [], applied: [] });
});

it('accepts a long id where the version column was widened', async () => {
  const shop = await testProject([{ ...r1, id: 'a_revision_with_a_name_of_38_characters' }]);
  await shop.query('create table alembic_version (version_num varchar(255) primary key)');
  expect((await look(shop)).versionTable).toEqual({ table: 'alembic_version', idLength: 255 });
});

it('tells what is missing before Alembic: folder, configuration, interpreter, alembic', async () => {
  const shop = await testProject([r1]);
  const from = { from: 'database' } as const;
  const { alembic } = shop;
  await expect(inspect({ ...alembic, cwd: '/no/such' }, from)).rejects.toMatchObject(
    told('alembic-folder-missing', '/no/such'),
  );
  await expect(inspect({ ...alembic, config: 'x.ini' }, from)).rejects.toMatchObject(
    told('alembic-config-missing', 'x.ini'),
  );
  await expect(inspect({ ...alembic, section: 'x' }, from)).rejects.toMatchObject(
    told('alembic-config-bad', 'alembic.ini'),
  );
  await expect(inspect({ ...alembic, python: ['no-such-python'] }, from)).rejects.toMatchObject(
    told('python-not-found', 'no-such-python'),
  );
  await expect(inspect({ ...alembic, python: ['sh', '-c', 'exit 3'] }, from)).rejects.toMatchObject(
    told('python-not-found', 'sh -c'),
  );
  shop.write(
    'old.sh',
    'case "$2" in "import sys; print"*) echo 2.7.18;; *) echo "SyntaxError: invalid syntax" >&2; exit 1;; esac',
  );
  shop.write('bare.sh', `exec ${alembic.python[0]} -I -S "$@"`);
  await expect(inspect({ ...alembic, python: ['sh', 'old.sh'] }, from)).rejects.toMatchObject(
    told('python-too-old', 'Python 2.7.18'),
  );
  await expect(inspect({ ...alembic, python: ['sh', 'bare.sh'] }, from)).rejects.toMatchObject(
    told('alembic-not-installed', 'cannot be imported'),
  );
});

it('refuses before anything when the database moved on, or the revisions cannot run in this order', async () => {
  const shop = await testProject([r1, { id: 'r2', down: 'r1', back: null }, { id: 'r3', down: 'r2' }]);
  await expect(run(shop, 'upgrade', ['r2'], ['r1'])).rejects.toMatchObject(
    told('alembic-moved-on', /is at no revision, and this run starts at r1/),
  );
  await expect(run(shop, 'upgrade', ['r2', 'r1'], [])).rejects.toMatchObject({
    told: { why: 'r2 cannot run before r1' },
  });
  await expect(run(shop, 'upgrade', ['r'], [])).rejects.toMatchObject({
    told: { why: 'no revision file has the id r' },
  });
  expect(await shop.query("select to_regclass('alembic_version') as t")).toEqual([{ t: null }]);
  await run(shop, 'upgrade', ['r1', 'r2', 'r3'], []);
  await expect(run(shop, 'downgrade', ['r2'], ['r3'])).rejects.toMatchObject({
    told: { why: expect.stringContaining('no function downgrade') },
  });
  await expect(run(shop, 'downgrade', ['r1'], ['r3'])).rejects.toMatchObject({
    told: { why: 'r1 cannot run before r2' },
  });
});

function twice(): string {
  return `import os
from alembic import context
from sqlalchemy import create_engine
with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    for schema in ("a", "b"):
        context.configure(connection=connection, version_table_schema=schema)
        with context.begin_transaction():
            context.run_migrations()
`;
}
