import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mentionsIn } from './mentions.js';

const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-mentions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = {
  'app/models.py':
    'class Order(Base):\n    __tablename__ = "orders"\n    # note is gone\n    state = column(Text)\n    "Total"\n',
  'app/users.py': 'def f(user):\n    return user.name, user.statement\n',
  'app/report.sql': 'SELECT id FROM sales\n',
  'migrations/env.py': '',
  'migrations/script.py.mako': '',
  'migrations/versions/1.py': 'op.drop_column("orders", "old")\n',
  'tests/test_it.py': '"orders", "tested"\n',
  '.venv/lib/x.py': '"orders", "installed"\n',
};
for (const [file, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

it.each([
  ['a column of a model', { table: 'orders', column: 'state' }, 'yes', 'app/models.py:4'],
  ['a column with a quoted name', { table: 'public.orders', column: '"Total"' }, 'yes', 'app/models.py:5'],
  ['a column in a comment only', { table: 'orders', column: 'note' }, 'no'],
  ['a word of another table', { table: 'orders', column: 'name' }, 'maybe', 'app/users.py:2'],
  ['a table of a model', { table: 'orders' }, 'yes', 'app/models.py:2'],
  ['a table in SQL', { table: '"sales"' }, 'yes', 'app/report.sql:1'],
  ['a word in a revision file', { table: 'orders', column: 'old' }, 'no'],
  ['a word in a test', { table: 'orders', column: 'tested' }, 'no'],
  ['a word in a package', { table: 'orders', column: 'installed' }, 'no'],
])('tells %s', async (_, step: { table: string; column?: string }, usage, ...places) => {
  const told = await mentionsIn(folder, [step]);
  expect(told?.files).toBe(3);
  expect(Object.values(told?.found ?? {})).toEqual([{ usage, places }]);
});

it('does not know where there is no folder', async () => {
  expect(await mentionsIn(join(folder, 'gone'), [{ table: 'orders' }])).toBeNull();
});
