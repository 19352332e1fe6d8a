import { problemOf, type Failure } from '../../../src/adapters/alembic/failure.js';

type Migration = Extract<Failure, { kind: 'migration-failed' }>;
const migration: Migration = {
  kind: 'migration-failed',
  changed: false,
  statements: 3,
  revision: 'r2',
  sql: `insert into orders\n  values (${'1, '.repeat(200)}1)`,
  committing: false,
  lost: false,
  words: 'value too long',
  sqlstate: '22001',
  at: 'versions/r2.py:12',
};

it('tells revision, place, state of the database, words, and the start of the statement', () => {
  const { code, told } = problemOf(migration);
  expect(code).toBe('migration-failed');
  expect(told.what).toBe('revision r2 failed at versions/r2.py:12; nothing was changed');
  expect(told.why).toMatch(/^value too long \(22001\); the statement: insert into orders values \(1, .*…$/);
  expect(told.why?.length).toBeLessThan(260);
});

it.each<[string, Partial<Migration>, string, boolean]>([
  ['a lock that was not to be had', { sqlstate: '55P03' }, 'lock-timeout', true],
  ['such a lock after something was committed', { sqlstate: '55P03', changed: true }, 'lock-timeout', false],
  ['a connection that broke while committing', { sqlstate: null, committing: true }, 'commit-unknown', false],
  [
    'a server that shut down while committing',
    { sqlstate: '57P01', committing: true },
    'commit-unknown',
    false,
  ],
  [
    'a deferred constraint that failed while committing',
    { sqlstate: '23503', committing: true },
    'migration-failed',
    false,
  ],
  ['a connection that broke before', { sqlstate: null, lost: true }, 'migration-cut-off', true],
  ['a session that somebody ended', { sqlstate: '57P01', lost: true }, 'migration-failed', false],
])('tells %s', (_name, facts, code, retry) => {
  expect(problemOf({ ...migration, ...facts })).toMatchObject({ code, told: { retry } });
});

it('says "nothing was changed" only when nothing was', () => {
  expect(problemOf({ ...migration, changed: true }).told.what).toContain('part of it is committed already');
});

it('sends no one to try a wrong password again', () => {
  const refused = (sqlstate: string | null): Failure => ({
    kind: 'cannot-connect',
    changed: false,
    statements: 0,
    words: 'no',
    sqlstate,
    at: null,
  });
  expect(problemOf(refused('28P01')).told).toMatchObject({
    retry: false,
    next: [expect.stringContaining('password'), expect.anything()],
  });
  expect(problemOf(refused(null)).told.retry).toBe(true);
});

it('says why a server, or what stands before it, is none to migrate', () => {
  const known = { changed: false, statements: 0 };
  expect(problemOf({ ...known, kind: 'read-only', standby: true })).toMatchObject({
    code: 'database-read-only',
    told: { what: expect.stringContaining('a standby'), retry: false },
  });
  expect(problemOf({ ...known, kind: 'read-only', standby: false }).told.what).toContain(
    'default_transaction_read_only',
  );
  const pooler = 'connection to server failed: FATAL:  unsupported startup parameter: options';
  for (const failure of [
    { ...known, kind: 'pooled', words: 'several sessions' },
    { ...known, kind: 'cannot-connect', words: pooler, sqlstate: '08P01', at: null },
  ] as const)
    expect(problemOf(failure)).toMatchObject({
      code: 'sessions-pooled',
      told: { what: expect.stringContaining('PgBouncer in transaction mode'), retry: false },
    });
});

it('says how a statement runs that must be in no transaction', () => {
  const { code, told } = problemOf({ ...migration, sqlstate: '25001' });
  expect(code).toBe('migration-not-in-transaction');
  expect(told.next[0]).toContain('autocommit_block');
});
