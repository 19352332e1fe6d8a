import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary.js';
import { resolved, resolvedAll } from './secrets.js';

const folder = temporaryFolder('secrets');
const env = { DATABASE_URL: 'postgresql://shop:pw@db/shop', EMPTY: '' };
const at = 'targets.shop.database.url';

it('takes a reference from the environment, also in the middle of a text', () => {
  expect(resolved('${DATABASE_URL}', at, folder, env)).toBe(env.DATABASE_URL);
  expect(resolved('${DATABASE_URL}?sslmode=require', at, folder, env)).toBe(
    `${env.DATABASE_URL}?sslmode=require`,
  );
});

it.each(['MISSING', 'EMPTY'])('names the variable %s and the setting that needs it', (name) => {
  expect(() => resolved(`\${${name}}`, at, folder, env)).toThrow(
    expect.objectContaining({
      code: 'missing-secret',
      message: `the environment variable ${name} is not set: ${at} refers to it`,
    }),
  );
});

it('takes the first line of a file, which may lie beside the settings', () => {
  writeFileSync(join(folder, 'url'), 'postgresql://db/shop\nnot this\n');
  expect(resolved('file:url', at, folder)).toBe('postgresql://db/shop');
});

it('names a file that is missing or empty', () => {
  writeFileSync(join(folder, 'empty'), '\n');
  for (const [file, why] of [
    ['none', 'ENOENT'],
    ['empty', 'its first line is empty'],
  ])
    expect(() => resolved(`file:${file}`, at, folder)).toThrow(
      expect.objectContaining({ code: 'unreadable-secret', message: expect.stringContaining(why!) }),
    );
});

it('names the variable of an environment that can not be resolved', () => {
  const all = { PLAIN: 'text', URL: '${LOCKKEEPER_TEST_NOT_SET}' };
  expect(() => resolvedAll(all, 'alembic.environment', folder)).toThrow(
    /alembic\.environment\.URL refers to it/,
  );
});
