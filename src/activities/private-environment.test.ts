import fc from 'fast-check';
import { connectionOf } from '../adapters/postgres/connection.js';
import { type PrivateCopy, privateEnvironment } from './private-environment.js';

const live = 'postgresql://ana:s3cret-word@db.example:5432/shop';
const copy: PrivateCopy = {
  host: '127.0.0.1',
  port: 20001,
  database: 'shop',
  password: 'new',
  passwordFile: '/own/passwords',
  serviceFile: '/own/services',
};

it('everything that leads to production leads to the copy, or nowhere', () => {
  const environment = {
    DATABASE_URL: `${live}?sslmode=verify-full&application_name=shop`,
    ASYNC_URL: 'postgresql+asyncpg://bob:o%2Fther@DB.example/shop?ssl=require',
    REPLICA_URL: 'postgresql://ana:s3cret-word@replica.example/shop',
    CONFIG: `{"db": "${live}", "cache": "redis://db.example:6379"}`,
    DB_HOST: 'db.example',
    DB_PORT: '5432',
    DB_PASSWORD: 's3cret-word',
    SMTP_HOST: 'db.example',
    HOST: 'db.example',
    PORT: '5432',
    DSN: 'host=db.example port=5432 user=ana password=s3cret-word',
    PROXY: 'db.example:54321, db.example:5432',
    PGUSER: 'migrator',
    PGSERVICE: 'shop',
    HOME: '/home/ana',
  };
  const { variables, users, mentions } = privateEnvironment(environment, live, copy);
  expect(mentions).toBe(true);
  expect([...users].sort()).toEqual(['ana', 'bob', 'migrator']);
  expect(variables).toMatchObject({
    DATABASE_URL: 'postgresql://ana:new@127.0.0.1:20001/shop?application_name=shop',
    ASYNC_URL: 'postgresql+asyncpg://bob:new@127.0.0.1:20001/shop',
    REPLICA_URL: 'postgresql://ana:new@replica.example/shop',
    CONFIG: '{"db": "postgresql://ana:new@127.0.0.1:20001/shop", "cache": "redis://db.example:6379"}',
    DB_HOST: '127.0.0.1',
    DB_PORT: '20001',
    DB_PASSWORD: 'new',
    PROXY: 'db.example:54321, 127.0.0.1:20001',
    PGHOST: '127.0.0.1',
    PGPORT: '20001',
    PGDATABASE: 'shop',
    PGPASSWORD: 'new',
    PGPASSFILE: '/own/passwords',
    PGSERVICEFILE: '/own/services',
  });
  expect(variables['DSN']).not.toContain('s3cret');
  for (const name of ['SMTP_HOST', 'HOST', 'PORT', 'PGUSER', 'HOME'])
    expect(variables).not.toHaveProperty(name);
});

it('an environment that never speaks of the live database has no way to send env.py by', () => {
  const { mentions, variables } = privateEnvironment({ OTHER: '1', HOST: 'db.example' }, live, copy);
  expect(mentions).toBe(false);
  expect(variables).not.toHaveProperty('OTHER');
});

it('the names of this machine are one', () => {
  const { variables } = privateEnvironment(
    { A: 'postgresql://x@localhost/shop', B: 'postgresql://x@[::1]:5432/other' },
    'postgresql://x@127.0.0.1/shop',
    copy,
  );
  expect(variables).toMatchObject({
    A: 'postgresql://x:new@127.0.0.1:20001/shop',
    B: 'postgresql://x:new@127.0.0.1:20001/other',
  });
});

const word = fc.string({ unit: fc.constantFrom(...'aZ9_-.%@'), minLength: 6, maxLength: 12 });

it('wherever the URL stands, neither the address nor the password of production is left', () => {
  fc.assert(
    fc.property(word, word, fc.constantFrom('', ' ', '"', "'", '\n', '<'), (user, password, around) => {
      const url = `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db.example:5432/shop`;
      const { variables } = privateEnvironment({ TEXT: `${around}${url}${around}` }, url, copy);
      const text = variables['TEXT']!;
      expect(text).not.toContain('db.example');
      if (!'new127.0.0.1:20001/shop'.includes(password))
        expect(text.replace(encodeURIComponent(user), '')).not.toContain(password);
      if (!text) return;
      expect(connectionOf(text.replaceAll(around || '\0', '')).port).toBe(20001);
    }),
  );
});
