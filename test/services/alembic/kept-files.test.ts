import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, testProject, type Revision } from './project.js';

const table = (id: string, down: string | null = null): Revision => ({
  ...{ id, down },
  up: `op.create_table('${id}', sa.Column('id', sa.Integer))`,
  back: `op.drop_table('${id}')`,
});

/** As the worker keeps a revision file, before git takes it away. */
function taken(folder: string, revision: string) {
  const file = join('migrations', 'versions', `${revision}_.py`);
  const text = readFileSync(join(folder, file), 'utf8');
  rmSync(join(folder, file));
  return { revision, file, text };
}

it('takes back revisions whose files are gone, by those that were kept, and leaves the project as it is', async () => {
  const shop = await testProject([table('a'), table('b', 'a'), table('c', 'b')]);
  await run(shop, 'upgrade', ['a', 'b', 'c'], []);
  const kept = [taken(shop.folder, 'b'), taken(shop.folder, 'c')];
  await expect(run(shop, 'downgrade', ['c', 'b'], ['c'])).rejects.toMatchObject({ code: 'alembic-refused' });
  await run(shop, 'downgrade', ['c', 'b'], ['c'], { kept });
  expect(await shop.query('select version_num from alembic_version')).toEqual([{ version_num: 'a' }]);
  expect(await shop.query("select to_regclass('b')::text as b, to_regclass('c')::text as c")).toEqual([
    { b: null, c: null },
  ]);
  await expect(run(shop, 'upgrade', ['b'], ['a'])).rejects.toMatchObject({ code: 'alembic-refused' });
}, 180_000);

it('takes the file of the project where it has one, however long what was kept is', async () => {
  const shop = await testProject([table('a'), table('b', 'a')]);
  await run(shop, 'upgrade', ['a', 'b'], []);
  const b = { revision: 'b', file: 'migrations/versions/b_.py', text: 'raise Exception("not this one")' };
  const long = { ...taken(shop.folder, 'a') };
  const kept = [b, { ...long, text: `${long.text}# ${'long '.repeat(50_000)}\n` }];
  await run(shop, 'downgrade', ['b', 'a'], ['b'], { kept });
  expect(await shop.query("select to_regclass('a')::text as a, to_regclass('b')::text as b")).toEqual([
    { a: null, b: null },
  ]);
}, 180_000);
