import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalog } from '../../../src/adapters/postgres/catalog.js';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { shell } from '../../../src/adapters/shell.js';
import { apply } from '../../../src/schema/apply.js';
import { schemaFromSql } from '../../../src/schema/from-sql.js';
import type { Schema } from '../../../src/schema/model.js';
import { parse } from '../../../src/sql/parse.js';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { sample } from '../../support/kills-sample.js';
import { freshDatabase, servers, type TestDatabase } from '../../support/servers.js';
import { scripts } from './schema-model-scripts.js';
import { claimed } from './schema-model-claims.js';

/**
 * What apply() makes of DDL is held against what PostgreSQL made of it, as the catalog has it; and so is what
 * schemaFromSql() makes of pg_dump's output. All scripts are for the matrix.
 */

const INSTALLED = '/usr/lib/postgresql/15/bin';
const session = { applicationName: 'test' };
const on = <T>(database: TestDatabase, work: (client: Client) => Promise<T>) =>
  withClient(database.url, session, work);

let installed: InstalledServer | undefined;
beforeAll(async () => {
  if (existsSync(INSTALLED)) installed = await installedPostgres(INSTALLED);
});
afterAll(() => installed?.stop());

async function statementsOf(script: string): Promise<string[]> {
  const parts = await parse(script);
  for (const part of parts) if (!('node' in part)) throw new Error(`${part.text}: ${part.why}`);
  return parts.map(({ text }) => text);
}

async function applied(schema: Schema, script: string): Promise<Schema> {
  for (const part of await parse(script)) if ('node' in part) apply(schema, part.node);
  return schema;
}

const dumped = async (database: TestDatabase): Promise<string> => {
  const { pgBin } = (await servers()).tools;
  return (await shell({ file: join(pgBin, 'pg_dump'), args: ['-s', '-d', database.url] })).stdout;
};

async function compare(database: TestDatabase, title: string, script: string, since: number): Promise<void> {
  const [before, catalog] = await on(database, async (client) => {
    const empty = await readCatalog(client);
    if ((empty.postgres ?? 0) < since) return [];
    for (const statement of await statementsOf(script)) await client.query(statement);
    return [empty, await readCatalog(client)];
  });
  if (!before || !catalog) return;
  const model = await applied(before, script);
  expect(model.forgotten).toBeUndefined();
  expect([title, claimed(model, catalog)]).toEqual([title, claimed(catalog, model)]);
  const { schema, unread } = await schemaFromSql(await dumped(database), catalog.postgres);
  expect([title, unread]).toEqual([title, []]);
  expect([`${title}, dumped`, claimed(schema, catalog)]).toEqual([
    `${title}, dumped`,
    claimed(catalog, schema),
  ]);
}

describe.each(sample(scripts, 12))('$title', ({ title, sql, since = 0 }) => {
  const run = async (database: TestDatabase) => {
    try {
      await compare(database, title, sql, since);
    } finally {
      await database.drop();
    }
  };
  it('is the same on PostgreSQL 18', async () => run(await freshDatabase()));
  const itInstalled = existsSync(INSTALLED) ? it : it.skip;
  itInstalled('is the same on PostgreSQL 15', async () => {
    if (installed) await run(await installed.freshDatabase());
  });
});
