import { masked, readMessage } from '../../../src/adapters/alembic/messages.js';

it.each([
  ['postgresql+asyncpg://app:s3cret@db:5432/x', 'postgresql+asyncpg://app:***@db:5432/x'],
  [
    'a password with / and @: postgresql://app:p/a@ss@db/x',
    'a password with / and @: postgresql://app:***@db/x',
  ],
  ["host=db password=s3cret dbname='x'", "host=db password=*** dbname='x'"],
  ["create role app login password 'it''s'", "create role app login password '***'"],
  ['postgresql://app@db:5432/x is left alone', 'postgresql://app@db:5432/x is left alone'],
  ["two: 'redis://a:b@c' and 'amqp://d:e@f'", "two: 'redis://a:***@c' and 'amqp://d:***@f'"],
])('masks passwords: %s', (text, expected) => {
  expect(masked(text)).toBe(expected);
});

it('reads the lines of its own bridge only, even after something printed without an end', () => {
  expect(readMessage('@lk:abc {"event":"done"}', 'abc')).toEqual({ event: 'done' });
  expect(readMessage('noise@lk:abc {"event":"done"}', 'abc')).toEqual({ event: 'done' });
  expect(readMessage('@lk:other {"event":"done"}', 'abc')).toBeNull();
  expect(readMessage('INFO [alembic] Running upgrade', 'abc')).toBeNull();
});

it('masks what people are told, and leaves the SQL that is judged as it is', () => {
  const sql = "insert into links values ('https://a:b@c')";
  expect(readMessage(`@lk:n ${JSON.stringify({ words: 'x://a:b@c', upSql: sql, sql })}`, 'n')).toEqual({
    words: 'x://a:***@c',
    upSql: sql,
    sql: "insert into links values ('https://a:***@c')",
  });
});
