import { userInfo } from 'node:os';
import { addressOf, connectionOf, libpqEnvironment, restoringEnvironment } from './connection.js';

it.each([
  ['postgresql://u:p@h:6000/d', { user: 'u', password: 'p', host: 'h', port: 6000, database: 'd' }],
  ['postgres://u@h/d', { user: 'u', host: 'h', port: 5432, database: 'd' }],
  ['postgresql+asyncpg://u:p@h/d', { user: 'u', host: 'h', database: 'd' }],
  ['postgresql://u:p%40%2F%3F@h/d%20b', { password: 'p@/?', database: 'd b' }],
  ['postgresql://u:a@b@h/d', { user: 'u', password: 'a@b', host: 'h' }],
  ['postgresql://u:p@[::1]:6000/d', { host: '::1', port: 6000 }],
  ['postgresql://u:p@/d?host=/var/run/postgresql', { host: '/var/run/postgresql', database: 'd' }],
  ['postgresql://u:p@%2Ftmp%2Fs/d', { host: '/tmp/s' }],
  ['postgresql://h', { host: 'h', user: userInfo().username, database: userInfo().username }],
  ['postgresql://u@h/d?sslmode=require', { tls: { mode: 'require' } }],
  ['postgresql://u@h/d?ssl=require', { tls: { mode: 'require' } }],
  ['postgresql://u@h/d?options=-csearch_path%3Dsales', { options: '-csearch_path=sales' }],
])('reads %s', (url, expected) => {
  expect(connectionOf(url)).toMatchObject(expected);
});

it.each([
  'mysql://u:hunter2@h/d',
  'h/d',
  'postgresql://u:hunter2@h:port/d',
  'postgresql://u:hunter2@h:99999/d',
  'postgresql://u:hunter2/x@h/d',
  'postgresql://u:hunter2%zz@h/d',
  'postgresql://u:hunter2@h/d?sslmode=strict',
])('refuses %s without telling the password', (url) => {
  const read = () => connectionOf(url);
  expect(read).toThrow(expect.objectContaining({ code: 'malformed-database-url' }));
  try {
    read();
  } catch (error) {
    expect(JSON.stringify((error as { told: unknown }).told)).not.toContain('hunter2');
  }
});

it('gives tools the password by the environment, and people an address without it', () => {
  const connection = connectionOf('postgresql://u:hunter2@h:6000/d?sslmode=disable');
  expect(libpqEnvironment(connection, 'who')).toMatchObject({
    PGHOST: 'h',
    PGPORT: '6000',
    PGUSER: 'u',
    PGDATABASE: 'd',
    PGPASSWORD: 'hunter2',
    PGSSLMODE: 'disable',
    PGAPPNAME: 'who',
  });
  expect(addressOf(connection)).toBe('h:6000');
});

it('lets tools that restore do so, whatever the settings of the role are, and keeps what the URL asks for', () => {
  const options = (url: string) => restoringEnvironment(connectionOf(url), 'who').PGOPTIONS;
  const ours =
    '-c default_transaction_read_only=off -c statement_timeout=0 -c lock_timeout=0 -c synchronous_commit=off';
  expect(options('postgresql://h/d')).toBe(ours);
  expect(options('postgresql://h/d?options=-c%20work_mem%3D9MB')).toBe(`-c work_mem=9MB ${ours}`);
});
