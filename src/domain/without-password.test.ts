import { withoutPassword } from './without-password.js';

const login = { user: 'shop', database: 'shop_live', host: 'db.example', password: 's3c/ret' };

it.each([
  [
    'DATABASE_URL',
    'postgresql+asyncpg://shop:s3c%2Fret@db.example/shop_live',
    'postgresql+asyncpg://shop@db.example/shop_live',
  ],
  ['DATABASE_URL', 'postgres://shop:s@3c@db.example/shop', 'postgres://shop@db.example/shop'],
  [
    'OTHER_URL',
    'postgresql://db/x?user=a&password=b&sslmode=require',
    'postgresql://db/x?user=a&password=&sslmode=require',
  ],
  ['DSN', "host=db password='a b' dbname=x", 'host=db password= dbname=x'],
  ['PGPASSWORD', 's3c/ret', ''],
  ['SETTINGS', '{"db": "s3c/ret"}', ''],
  ['PATH', '/usr/bin:/bin', '/usr/bin:/bin'],
  ['REDIS_URL', 'redis://:x@cache/0', 'redis://:x@cache/0'],
])('%s=%s: %s', (name, value, left) => expect(withoutPassword(name, value, login)).toBe(left));

it('a password that is the name of the user does not take that name away', () => {
  const same = { ...login, password: 'shop' };
  expect(withoutPassword('PGUSER', 'shop', same)).toBe('shop');
  expect(withoutPassword('DATABASE_URL', 'postgresql://shop:shop@db/shop', same)).toBe(
    'postgresql://shop@db/shop',
  );
  expect(withoutPassword('DB_PASS', 'shop', same)).toBe('');
});
