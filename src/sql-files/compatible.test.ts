import { judge } from './judge.js';

/** The guide's compatible changes stay one step each: docs/zero-downtime.md. */
const compatible: readonly [risk: string, sql: string][] = [
  ['low', 'ALTER TABLE users ADD COLUMN new_field VARCHAR(255);'],
  ['low', 'CREATE TABLE new_feature (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);'],
  ['low', `ALTER TABLE users ADD COLUMN kind text NOT NULL DEFAULT 'person';`],
  ['medium', 'CREATE INDEX CONCURRENTLY idx_users_email ON users(email);'],
  ['medium', 'ALTER TABLE users VALIDATE CONSTRAINT users_age_check;'],
];
/** What is one step of the five, in the form in which `phases new` does not write it. */
const incompatible = [
  'ALTER TABLE orders RENAME COLUMN note TO remark;',
  'ALTER TABLE deliveries ALTER COLUMN id TYPE bigint;',
  'ALTER TABLE users ALTER COLUMN email SET NOT NULL;',
  'ALTER TABLE users ADD COLUMN age int NOT NULL;',
  'ALTER TABLE orders DROP COLUMN note;',
];

describe.each([12, 16, 18])('PostgreSQL %i', (postgres) => {
  it.each(compatible)('%s: %s', async (risk, text) =>
    expect((await judge('a.sql', { text }, { postgres })).risk).toBe(risk),
  );

  it.each(incompatible)('more than medium: %s', async (text) =>
    expect((await judge('a.sql', { text }, { postgres })).risk).toMatch(/high/),
  );
});
