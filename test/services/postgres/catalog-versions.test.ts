import pg from 'pg';
import { programsAtHand, start, type Server } from '../../../scripts/lock-matrix/servers.js';
import { readCatalog } from '../../../src/adapters/postgres/catalog.js';
import { withClient } from '../../../src/adapters/postgres/client.js';
import { apply } from '../../../src/schema/apply.js';
import { parse } from '../../../src/sql/parse.js';
import { sample } from '../../support/kills-sample.js';
import { root } from '../../support/test-stack.js';
import { claimed } from './schema-model-claims.js';
import { scripts, type Script } from './schema-model-scripts.js';

/**
 * The catalog is read on every version that is at hand: Debian's, the one of the Python environment, and those that
 * `scripts/lock-matrix.ts --download` has fetched. What a version does not have yet it refuses, and is left out.
 */

const atHand = [...(await programsAtHand(root))].sort(([a], [b]) => a - b);
/** Statements that only later versions know. */
const REFUSED = ['42601', '0A000', '42809'];

async function fill(client: pg.Client, { sql }: Script): Promise<boolean> {
  for (const part of await parse(sql))
    try {
      await client.query(part.text);
    } catch (error) {
      if (REFUSED.includes((error as { code?: string }).code ?? '')) return false;
      throw error;
    }
  return true;
}

async function compare({ url }: Server, script: Script, at: number): Promise<'same' | 'refused'> {
  const admin = new pg.Client(url('postgres'));
  await admin.connect();
  await admin.query(`create database d${at} template template0`).finally(() => admin.end());
  return withClient(url(`d${at}`), { applicationName: 'test' }, async (client) => {
    const model = await readCatalog(client);
    if (!(await fill(client, script))) return 'refused';
    for (const part of await parse(script.sql)) if ('node' in part) apply(model, part.node);
    const catalog = await readCatalog(client);
    expect([script.title, claimed(model, catalog)]).toEqual([script.title, claimed(catalog, model)]);
    return 'same';
  });
}

// On the two versions that every machine has, schema-model.test.ts does the same with more to compare.
it.each(sample(atHand, 1))('reads what there is on PostgreSQL %i', async (major, bin) => {
  const server = await start(root, bin);
  try {
    const known = scripts.filter(({ since = 0 }) => since <= major);
    const results: string[] = [];
    for (const [at, script] of known.entries()) results.push(await compare(server, script, at));
    expect(results.filter((result) => result === 'refused').length).toBeLessThanOrEqual(major < 13 ? 3 : 0);
  } finally {
    await server.stop();
  }
});
