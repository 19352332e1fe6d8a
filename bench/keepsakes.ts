/**
 * npm run bench:keepsakes
 *
 * What keepsakes cost beside the plainest SQL that does the same, interleaved, medians: the keepsake of a column beside
 * CREATE TABLE AS of key and column; putting it back beside an UPDATE in as many batches; moving a table away beside
 * 100 ms, for a small and a large one. Ends with one line of JSON. ROUNDS (default 3), ROWS (default 1,000,000).
 */
import { loadavg } from 'node:os';
import { keep, keepRest } from '../src/adapters/keepsakes/copy.js';
import { dropKeepsake } from '../src/adapters/keepsakes/drop.js';
import { keepableTables } from '../src/adapters/keepsakes/keepable.js';
import { putBack } from '../src/adapters/keepsakes/put-back.js';
import { keepsakesIn } from '../src/adapters/keepsakes/registry.js';
import { type Client, withClient } from '../src/adapters/postgres/client.js';
import { readCatalog } from '../src/adapters/postgres/catalog.js';
import { runWord, type PlannedKeepsake } from '../src/domain/keepsake.js';
import { goneIn } from '../src/plan/gone.js';
import { keepsakesOf } from '../src/plan/keepsakes.js';
import { parse } from '../src/sql/parse.js';
import { freshDatabase } from '../test/support/servers.js';
import { enter, leave } from '../test/support/test-stack.js';
import { median, two } from './numbers.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ROWS = Number(process.env.ROWS ?? 1_000_000);
const SMALL = 1_000;
const BATCHES = 4;
const RUN = 'bench000';

const options = {
  ...{ attemptMs: 1_000, waitMs: 60_000, progress: () => undefined },
  signal: new AbortController().signal,
};
const ratio = (ones: readonly number[], others: readonly number[]): number =>
  median(ones.map((one, at) => one / others[at]!));

async function ms(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

async function planned(client: Client, sql: string): Promise<PlannedKeepsake> {
  const gone = goneIn(
    [{ revision: 'r', up: await parse(sql) }],
    await readCatalog(client),
    'alembic_version',
  );
  const tables = await keepableTables(
    client,
    gone.map(({ table }) => table),
  );
  return keepsakesOf(gone, tables, [], [sql])[0]!;
}

const fill = (name: string, rows: number) => `
  DROP TABLE IF EXISTS ${name};
  CREATE TABLE ${name} (id bigint PRIMARY KEY, name text, note text, price numeric);
  INSERT INTO ${name} SELECT g, 'name ' || g, 'note ' || g, g FROM generate_series(1, ${rows}) g`;

async function column(client: Client) {
  await client.query(`${fill('items', ROWS)}; DROP TABLE IF EXISTS plain`);
  await client.query('VACUUM ANALYZE items');
  await client.query('CHECKPOINT');
  const plan = await planned(client, 'ALTER TABLE items DROP COLUMN note');
  const copied = await ms(() => client.query('CREATE TABLE plain AS SELECT id, note FROM items'));
  await client.query('CHECKPOINT');
  const made = { id: `${RUN}_0`, target: 'bench', runId: RUN, planHash: 'p', owner: 'bench', days: 1 };
  const kept = await ms(async () => {
    await keep(client, { ...made, planned: plan }, options);
    for (const each of await keepsakesIn(client)) await keepRest(client, each, options);
  });
  await client.query('ALTER TABLE items DROP COLUMN note; ALTER TABLE items ADD COLUMN note text');
  await client.query(`CREATE TABLE other (LIKE items INCLUDING ALL); INSERT INTO other SELECT * FROM items`);
  await client.query('ANALYZE plain');
  await client.query('VACUUM ANALYZE items');
  await client.query('VACUUM ANALYZE other');
  await client.query('CHECKPOINT');
  const updated = await ms(async () => {
    const size = Math.ceil(ROWS / BATCHES);
    for (let from = 1; from <= ROWS; from += size)
      await client.query(
        `UPDATE other SET note = plain.note FROM plain WHERE other.id = plain.id AND plain.id >= $1 AND plain.id < $2`,
        [from, from + size],
      );
  });
  await client.query('CHECKPOINT');
  const [keepsake] = await keepsakesIn(client);
  const back = await ms(() => putBack(client, keepsake!, options));
  await dropKeepsake(client, keepsake!, options);
  await client.query('DROP TABLE other');
  return { copied, kept, updated, back };
}

async function moved(client: Client, rows: number): Promise<number> {
  await client.query(fill('gone', rows));
  const { instead } = await planned(client, 'DROP TABLE gone');
  const statements = instead!.statements.map((each) => each.replaceAll('{run}', runWord(RUN)));
  const took = await ms(() => client.query(`BEGIN; ${statements.join(';')}; COMMIT`));
  await client.query(`DROP TABLE lockkeeper_keep."${RUN}_gone"`);
  return took;
}

await enter();
const database = await freshDatabase();
await withClient(database.url, { applicationName: 'lockkeeper:bench:keepsakes' }, async (client) => {
  const rounds: Awaited<ReturnType<typeof column>>[] = [];
  const small: number[] = [];
  const large: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const one = await column(client);
    small.push(await moved(client, SMALL));
    large.push(await moved(client, ROWS));
    rounds.push(one);
    const words = Object.entries(one).map(([name, took]) => `${name} ${Math.round(took)} ms`);
    console.log(
      `${words.join(', ')}; moved ${Math.round(small.at(-1)!)} and ${Math.round(large.at(-1)!)} ms (load ${loadavg()[0]!.toFixed(1)})`,
    );
  }
  const of = (name: 'copied' | 'kept' | 'updated' | 'back') => rounds.map((each) => each[name]);
  const ratios = {
    keptToCreateTableAs: two(ratio(of('kept'), of('copied'))),
    backToBatchedUpdate: two(ratio(of('back'), of('updated'))),
    movedSmallTo100Ms: two(median(small) / 100),
    movedLargeTo100Ms: two(median(large) / 100),
  };
  const goal = {
    keptToCreateTableAs: 1.3,
    backToBatchedUpdate: 1.5,
    movedSmallTo100Ms: 1,
    movedLargeTo100Ms: 1,
  };
  console.log(JSON.stringify({ ratios, goal }));
});
await database.drop();
await leave();
process.exit(0);
