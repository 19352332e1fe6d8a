import fc from 'fast-check';
import { connectionOf } from '../adapters/postgres/connection.js';
import { copyEnvironment } from './copy-environment.js';

const live = 'postgresql://ana:secret@db.example:5432/shop';

it('sends every URL of the live database to the copy, and nothing else', () => {
  const environment = {
    DATABASE_URL: live,
    ASYNC_URL: 'postgresql+asyncpg://bob:o%2Fther@DB.example/shop?ssl=require&dbname=shop',
    PGDATABASE: 'shop',
    SHOP_DB_NAME: 'shop',
    APP_NAME: 'shop',
    OTHER_DATABASE: 'postgresql://ana:secret@db.example:5432/stock',
    OTHER_HOST: 'postgresql://ana:secret@db2.example:5432/shop',
    OTHER_PORT: 'postgresql://ana:secret@db.example:6432/shop',
    REDIS_URL: 'redis://db.example:5432/shop',
    EMPTY: '',
  };
  expect(copyEnvironment(environment, live, 'copy')).toEqual({
    DATABASE_URL: 'postgresql://ana:secret@db.example:5432/copy',
    ASYNC_URL: 'postgresql+asyncpg://bob:o%2Fther@DB.example/copy?ssl=require',
    PGDATABASE: 'copy',
    SHOP_DB_NAME: 'copy',
  });
});

it('takes the names of this machine for one', () => {
  const environment = { A: 'postgresql://localhost/shop', B: 'postgresql://[::1]:5432/shop' };
  const changed = copyEnvironment(environment, 'postgresql://127.0.0.1:5432/shop', 'copy');
  expect(changed).toEqual({ A: 'postgresql://localhost/copy', B: 'postgresql://[::1]:5432/copy' });
});

const word = fc.string({ unit: fc.constantFrom(...'aZ9_-. %@"é'), minLength: 1, maxLength: 12 });
const encoded = word.map(encodeURIComponent);
const places = fc.record({
  scheme: fc.constantFrom('postgres', 'postgresql', 'postgresql+asyncpg', 'postgresql+psycopg2'),
  user: encoded,
  password: encoded,
  port: fc.constantFrom('', ':5432', ':6000'),
  query: fc.constantFrom('', '?sslmode=require', '?application_name=x&sslmode=disable'),
});

it('whatever user, password, driver and parameters are: only the database of the URL changes', () => {
  fc.assert(
    fc.property(places, encoded, word, ({ scheme, user, password, port, query }, database, copy) => {
      const at = (name: string) => `${scheme}://${user}:${password}@h${port}/${name}${query}`;
      const liveUrl = `postgresql://x@h${port}/${database}`;
      const changed = copyEnvironment({ URL: at(database), SAME: at(`${database}2`) }, liveUrl, copy);
      expect(Object.keys(changed)).toEqual(['URL']);
      const now = connectionOf(changed['URL'] ?? '');
      expect(now).toEqual({ ...connectionOf(at(database)), database: copy });
      // Nothing is left that would lead to the live database.
      expect(copyEnvironment(changed, liveUrl, 'again')).toEqual(
        copy === decodeURIComponent(database) ? { URL: at('again') } : {},
      );
    }),
  );
});
