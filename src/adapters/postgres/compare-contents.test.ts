import type { BackupContents } from '../../domain/backup.js';
import { differencesFrom, lossesSince } from './compare-contents.js';
import { listed } from './database-properties.js';
import { withDatabase } from './databases.js';

const contents: BackupContents = {
  tables: { 'public.orders': 1000, 'public.alembic_version': 1 },
  sequences: { 'public.ids': '9007199254740993' },
  largeObjects: 2,
  extensions: { pg_trgm: '1.6' },
};
const backup = { contents, revisions: ['a', 'b'] };
const copy = (changes: Partial<BackupContents>, revisions = ['b', 'a']) => ({
  contents: { ...contents, ...changes },
  revisions,
});

it('a copy with the same rows and revisions is the same, also when a sequence is ahead', () => {
  expect(differencesFrom(backup, copy({}))).toEqual([]);
  expect(differencesFrom(backup, copy({ sequences: { 'public.ids': '9007199254740994' } }))).toEqual([]);
});

it.each<[string, Parameters<typeof copy>, string]>([
  [
    'a row',
    [{ tables: { ...contents.tables, 'public.orders': 999 } }],
    'public.orders: 1,000 rows in the backup, 999',
  ],
  [
    'a table',
    [{ tables: { 'public.orders': 1000 } }],
    'public.alembic_version: 1 row in the backup, no such table',
  ],
  [
    'a table too many',
    [{ tables: { ...contents.tables, x: 0 } }],
    'x: no such table in the backup, 0 rows in the copy',
  ],
  [
    'a sequence',
    [{ sequences: { 'public.ids': '9007199254740992' } }],
    'sequence public.ids: 9007199254740993',
  ],
  ['a sequence never used', [{ sequences: {} }], 'never used in the copy'],
  ['a large object', [{ largeObjects: 1 }], 'large objects: 2 in the backup, 1 in the copy'],
  [
    'an extension',
    [{ extensions: { pg_trgm: '1.5' } }],
    'extension pg_trgm: 1.6 in the backup, 1.5 in the copy',
  ],
  ['a revision', [{}, ['a']], 'revisions: a, b in the backup, a in the copy'],
])('%s that is not as in the backup is named', (_, [changes, revisions], words) => {
  const differences = differencesFrom(backup, copy(changes, revisions));
  expect(differences).toHaveLength(1);
  expect(differences[0]).toContain(words);
});

it('what going back would lose is what there is more of than in the backup', () => {
  const now = {
    ...contents,
    tables: { 'public.orders': 1003, 'public.coupons': 2, 'public.empty': 0, 'public.alembic_version': 2 },
    sequences: { 'public.ids': '9007199254740999' },
  };
  expect(lossesSince(contents, contents, 'alembic_version')).toEqual([]);
  expect(lossesSince(contents, { ...contents, tables: {} }, 'alembic_version')).toEqual([]);
  expect(lossesSince(contents, now, 'alembic_version')).toEqual([
    'public.orders: 1,003 rows now, 1,000 rows in the backup',
    'public.coupons: 2 rows now, no such table in the backup',
    'sequence public.ids: 9007199254740999 now, 9007199254740993 in the backup',
  ]);
});

it.each([
  ['"$user", public', ['$user', 'public']],
  ['a,"b, c","d""e"', ['a', 'b, c', 'd"e']],
  ['""', ['']],
  ['', []],
])('reads the list %s', (list, names) => expect(listed(list)).toEqual(names));

it.each([
  ['postgresql://u:p@h:6000/d', 'postgresql://u:p@h:6000/a%20b'],
  ['postgresql://u@h', 'postgresql://u@h/a%20b'],
  ['postgresql:///d?host=/tmp&dbname=d&sslmode=disable', 'postgresql:///a%20b?host=/tmp&sslmode=disable'],
  ['postgresql+asyncpg://u:p@h?ssl=require', 'postgresql+asyncpg://u:p@h/a%20b?ssl=require'],
])('leads %s to another database', (url, expected) => expect(withDatabase(url, 'a b')).toBe(expected));
