import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from '../../../src/adapters/alembic/inspect.js';
import { run, testProject, type Revision } from './project.js';

const branches: Revision[] = [
  { id: 'root', up: "op.create_table('t', sa.Column('id', sa.Integer))", back: "op.drop_table('t')" },
  {
    id: 'left',
    down: 'root',
    label: 'red',
    up: "op.add_column('t', sa.Column('l', sa.Integer))",
    back: "op.drop_column('t', 'l')",
  },
  {
    id: 'right',
    down: 'root',
    up: "op.add_column('t', sa.Column('r', sa.Integer))",
    back: "op.drop_column('t', 'r')",
  },
  { id: 'merged', down: ['left', 'right'], up: "op.execute('select 1')" },
  {
    id: 'side',
    up: "op.create_table('s', sa.Column('id', sa.Integer))",
    back: 'raise NotImplementedError("never")',
    dependsOn: "'left'",
  },
];

it('walks branches, merges and dependencies forward, back, and forward again', async () => {
  const shop = await testProject(branches);
  const seen = await inspect(shop.alembic, { from: 'database', allowSeveralHeads: true });
  expect(seen).toMatchObject({
    heads: expect.arrayContaining(['merged', 'side']),
    bases: expect.arrayContaining(['root', 'side']),
    branches: ['root'],
  });
  const order = seen.pending.map(({ revision }) => revision);
  expect(order.toSorted()).toEqual(['left', 'merged', 'right', 'root', 'side']);
  expect(order.indexOf('left')).toBeLessThan(order.indexOf('side'));
  await run(shop, 'upgrade', order, []);
  const current = async () =>
    (await inspect(shop.alembic, { from: 'database', allowSeveralHeads: true })).current;
  expect(await current()).toEqual(['merged', 'side']);

  for (const _ of ['once', 'again']) {
    // Left stays, unsaid, because side depends on it: so Alembic keeps its version table.
    await run(shop, 'downgrade', ['merged', 'right'], ['side', 'merged']);
    expect(await current()).toEqual(['side']);
    await run(shop, 'upgrade', ['right', 'merged'], ['side']);
    expect(await current()).toEqual(['merged', 'side']);
  }
});

it('tells when Alembic itself cannot put the revisions in order', async () => {
  const shop = await testProject([{ id: 'base' }]);
  await expect(inspect(shop.alembic, { from: [] })).rejects.toMatchObject({ code: 'alembic-refused' });
});

it('tells of each pending revision what it is, and its SQL both ways', async () => {
  const shop = await testProject([
    { id: 'r1', up: "op.create_table('t', sa.Column('id', sa.Integer))", back: "op.drop_table('t')" },
    {
      id: 'r2',
      down: 'r1',
      up: "rows = op.get_bind().execute(sa.text('select 1')).fetchall()",
      back: '"""Nothing."""\npass',
    },
    { id: 'r3', down: 'r2', up: "op.execute('select 3')", back: 'raise NotImplementedError("one way")' },
    { id: 'r4', down: 'r3', up: 'import sys; sys.exit(1)', back: null },
  ]);
  const { pending, versions, transactionPerMigration } = await inspect(shop.alembic, { from: ['r1'] }).then(
    async (files) => ({ ...(await inspect(shop.alembic, { from: 'database' })), pending: files.pending }),
  );
  expect(pending.map(({ revision }) => revision)).toEqual(['r2', 'r3', 'r4']);
  expect(pending[0]).toEqual({
    revision: 'r2',
    down: ['r1'],
    dependsOn: [],
    labels: [],
    doc: 'make r2',
    file: 'migrations/versions/r2_.py',
    sha256: createHash('sha256')
      .update(readFileSync(join(shop.folder, 'migrations/versions/r2_.py')))
      .digest('hex'),
    downgrade: 'empty',
    onlineHints: [],
    downHints: [],
    allowances: [],
    tooLong: false,
    upSql: null,
    lines: [],
    upError: 'it asks the database (migrations/versions/r2_.py:11)',
    partly: expect.objectContaining({ upSql: '', steps: [expect.objectContaining({ line: 11 })] }),
    downSql: '',
  });
  expect(pending[1]).toMatchObject({
    downgrade: 'raises',
    upSql: 'select 3;\n\n',
    downSql: null,
    downError: expect.stringContaining('one way'),
  });
  expect(pending[2]).toMatchObject({ downgrade: 'missing', upSql: null, downSql: null });
  expect(versions.alembic).toMatch(/^1\./);
  expect(transactionPerMigration).toBe(false);
});

it('tells which line of the file says which SQL, and the comments that speak to Lockkeeper', async () => {
  const shop = await testProject([
    {
      id: 'r1',
      up: [
        "op.execute('select 1')",
        'for name in ("a", "b"):',
        '    # lockkeeper: allow rows-changed because the table is small',
        "    op.execute(\"update 😀 set n = '# lockkeeper: no comment' where n = '%s'\" % name)",
        'with op.get_context().autocommit_block():',
        "    op.execute('select 3')",
      ].join('\n'),
    },
  ]);
  const { pending } = await inspect(shop.alembic, { from: [] });
  const [first] = pending;
  if (!first) throw new Error('no revision');
  const { upSql, lines, allowances, file } = first;
  const text = readFileSync(join(shop.folder, file), 'utf8').split('\n');
  const starts = lines.map(({ offset, line, runners }) => [
    upSql?.slice(offset).split('\n')[0],
    text[line - 1]?.trim().slice(0, 22),
    ...(runners ? ['runners'] : []),
  ]);
  expect(starts).toEqual([
    ['select 1;', "op.execute('select 1')"],
    [expect.stringMatching(/^update 😀 .*'a';$/), 'op.execute("update 😀 '],
    [expect.stringMatching(/^update 😀 .*'b';$/), 'op.execute("update 😀 '],
    ['COMMIT;', 'with op.get_context().', 'runners'],
    ['select 3;', "op.execute('select 3')"],
    ['BEGIN;', 'with op.get_context().', 'runners'],
  ]);
  expect(allowances).toEqual([
    { line: expect.any(Number), text: '# lockkeeper: allow rows-changed because the table is small' },
  ]);
});

describe('a revision that asks the database', () => {
  const inspected = async (...up: string[]) => {
    const shop = await testProject([{ id: 'r1', up: up.join('\n'), head: 'from sqlalchemy import inspect' }]);
    const [first] = (await inspect(shop.alembic, { from: [] })).pending;
    if (!first) throw new Error('no revision');
    return first;
  };
  const sqlOf = (sql: string | null | undefined) => sql?.split(/\s*;\s*/).filter(Boolean);

  it('is rendered as a whole where it never looks at an answer', async () => {
    const { upSql, upError } = await inspected(
      'bind = op.get_bind()',
      'bind.execute(sa.text("update t set a = :a"), {"a": "it\'s"})',
      'with bind.begin_nested():',
      "    bind.execute(sa.table('t', sa.column('a')).insert(), [{'a': 1}, {'a': 2}])",
      "sa.Enum('x', name='e').create(bind, checkfirst=True)",
      "op.bulk_insert(sa.table('t', sa.column('a')), [{'a': {'b': 1}}])",
      'bind.exec_driver_sql("update t set at = \'10:20:30\'")',
    );
    expect(upError).toBeUndefined();
    expect(sqlOf(upSql)).toEqual([
      "update t set a = 'it''s'",
      'INSERT INTO t (a) VALUES (1)',
      'INSERT INTO t (a) VALUES (2)',
      "CREATE TYPE e AS ENUM ('x')",
      `INSERT INTO t (a) VALUES ('{''b'': 1}')`,
      "update t set at = '10:20:30'",
    ]);
  });

  it('is known in part, a step at a time, and not in what needs an answer', async () => {
    const { upSql, partly } = await inspected(
      "op.add_column('t', sa.Column('b', sa.Integer))",
      'bind = op.get_bind()',
      "rows = bind.execute(sa.text('select id from t')).fetchall()",
      'for row in rows:',
      '    bind.execute(sa.text("update t set b = :b where id = :id"), {"b": 1, "id": row.id})',
      "for column in ('b', 'c'):",
      "    op.alter_column('t', column, nullable=False)",
      "if 'd' not in [c['name'] for c in inspect(bind).get_columns('t')]:",
      "    op.add_column('t', sa.Column('d', sa.Integer))",
      "op.drop_column('t', 'z')",
    );
    expect(upSql).toBeNull();
    expect(sqlOf(partly?.upSql)).toEqual([
      'ALTER TABLE t ADD COLUMN b INTEGER',
      'ALTER TABLE t ALTER COLUMN b SET NOT NULL',
      'ALTER TABLE t ALTER COLUMN c SET NOT NULL',
      'ALTER TABLE t DROP COLUMN z',
    ]);
    expect(partly?.steps.map(({ onlyReads, why, sql }) => [onlyReads, why.slice(0, 23), sql.length])).toEqual(
      [
        [true, 'it asks the database (m', 1],
        [false, 'it needs rows, which co', 1],
        [false, 'it asks the database (m', 0],
      ],
    );
    expect(partly?.steps[1]?.sql[0]?.sql).toBe('update t set b = $1 where id = $1');
  });

  it.each([
    [
      'an answer that is only tested',
      'if op.get_bind().execute(sa.text("select 1")):',
      "    op.drop_table('t')",
    ],
    ['an error that it swallows', 'try:', '    inspect(op.get_bind())', 'except:', "    op.drop_table('t')"],
    [
      'an answer that is only compared',
      "if op.get_bind().execute(sa.text('select 1')) == 1:",
      "    op.drop_table('t')",
    ],
  ])('is never taken for known: %s', async (_, ...up) => {
    const { upSql, upError, partly } = await inspected(...up);
    expect(upSql).toBeNull();
    expect(upError).toContain('asks the database');
    expect(partly).toMatchObject({ upSql: '', steps: [{ onlyReads: false }] });
  });

  it('does not trust a list that an unknown step may have filled', async () => {
    const { partly } = await inspected(
      'names = []',
      'for row in op.get_bind().execute(sa.text("select 1")):',
      '    names.append(row.a)',
      "op.execute('select %d' % len(names))",
    );
    expect(partly).toMatchObject({ upSql: '', steps: [{ line: 12 }, { line: 14 }] });
  });

  it('tells apart what is not the same offline, in each direction', async () => {
    const { onlineHints, downHints } = await inspected('if not op.get_context().as_sql:', '    pass');
    expect({ onlineHints, downHints }).toEqual({ onlineHints: ['as_sql'], downHints: [] });
  });
});

it('renders constraint names by the naming convention that env.py gives', async () => {
  const shop = await testProject(
    [{ id: 'r1', up: "op.create_unique_constraint(None, 't', ['id'])", back: 'pass' }],
    {
      envHead:
        'from sqlalchemy import MetaData\nmeta = MetaData(naming_convention={"uq": "only_%(table_name)s_%(column_0_name)s"})',
      configure: 'target_metadata=meta',
    },
  );
  const { pending } = await inspect(shop.alembic, { from: 'database' });
  expect(pending[0]?.upSql).toContain('ADD CONSTRAINT only_t_id UNIQUE (id)');
});

it('finds revision files where env.py says that they are', async () => {
  const shop = await testProject([], {
    envHead: 'context.script.version_locations = [os.path.join(os.path.dirname(__file__), "elsewhere")]',
  });
  shop.write(
    'migrations/elsewhere/e1.py',
    'revision = "e1"\ndown_revision = None\ndef upgrade():\n    pass\n',
  );
  expect((await inspect(shop.alembic, { from: [] })).heads).toEqual(['e1']);
  expect((await inspect(shop.alembic, { from: 'database' })).heads).toEqual(['e1']);
  await run(shop, 'upgrade', ['e1'], []);
});

it('reads the version table that env.py names, in its schema', async () => {
  const shop = await testProject([{ id: 'r1' }], {
    configure: 'version_table="versions", version_table_schema="meta"',
  });
  await shop.query('create schema meta');
  await run(shop, 'upgrade', ['r1'], []);
  const { current, versionTable } = await inspect(shop.alembic, { from: 'database' });
  expect({ current, versionTable }).toEqual({
    current: ['r1'],
    versionTable: { table: 'versions', schema: 'meta', idLength: 32 },
  });
});
