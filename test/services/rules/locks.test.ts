import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { lockModes, type LockMode } from '../../../src/domain/plan.js';
import { rules } from '../../../src/rules/catalogue.js';
import { findingsIn } from '../../../src/rules/testing.js';
import { parse, type Statement } from '../../../src/sql/parse.js';
import { freshDatabase } from '../../support/servers.js';
import {
  type Before,
  blocks,
  observe,
  observeWaiting,
  relationsNow,
  type Seen,
  strongest,
  transactionsOf,
} from './measured.js';
import { moreLocks } from './more-locks.js';
import { setups } from './setups.js';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const MAJOR = 18;
const inSql = rules.filter(({ language }) => language === undefined);
const alone = /\b(INDEX|TABLE)\s+CONCURRENTLY\b|^\s*VACUUM\b/i;

/** The strongest lock that the findings name for each relation. */
async function named(sql: string, needs?: string): Promise<Map<string, LockMode>> {
  const all = (await findingsIn(sql, MAJOR, needs)).flatMap(({ relations }) =>
    // A relation that the statement does not name comes with its schema, which is another one here.
    relations.map((relation) => ({ ...relation, name: relation.name.replace(/^public\./, '') })),
  );
  const names = [...new Set(all.map(({ name }) => name))];
  return new Map(
    names.flatMap((name) => {
      const lock = strongest(all.filter((one) => one.name === name).map((one) => one.lock));
      return lock ? [[name, lock] as const] : [];
    }),
  );
}

/** Runs an example as a file of SQL, in a schema of its own, with a hundred rows where that is easy. */
async function run(setup: string, sql: string): Promise<Map<string, Seen>[]> {
  const parsed = (await parse(sql)) as Statement[];
  return withClient(database.url, { applicationName: 'rules' }, (client) =>
    withClient(database.url, { applicationName: 'holder' }, async (holder) => {
      const place = 'DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop';
      await client.query(`DROP PUBLICATION IF EXISTS shop, feed; ${place}`);
      for (const one of [client, holder]) await one.query('SET search_path = shop');
      await client.query(setup);
      await fill(client);
      const before = await relationsNow(client);
      const seen: Map<string, Seen>[] = [];
      for (const group of transactionsOf(parsed)) seen.push(await look(client, holder, group, before));
      return seen;
    }),
  );
}

/** Where a row needs no more than one value: by the first column of an ordinary table. */
async function fill(client: Client): Promise<void> {
  const { rows } = await client.query<{ column: string }>(
    `SELECT quote_ident(a.attname) AS column FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
     WHERE c.oid = to_regclass('orders') AND c.relkind = 'r' AND NOT EXISTS (
       SELECT FROM pg_attribute WHERE attrelid = c.oid AND attnum > 1 AND attnotnull)`,
  );
  for (const { column } of rows)
    await client.query(`INSERT INTO orders (${column}) SELECT generate_series(1, 100)`);
}

async function look(
  client: Client,
  holder: Client,
  group: Statement[],
  before: Before,
): Promise<Map<string, Seen>> {
  const [statement] = group;
  if (group.length !== 1 || !statement || !alone.test(statement.text)) return observe(client, group, before);
  const lock = await observeWaiting(client, holder, statement, 'orders');
  return new Map([['orders', { ...(lock ? { lock } : {}), isIndex: false, rewritten: false, rowsRead: 0 }]]);
}

const lockOf = (seen: readonly Map<string, Seen>[], name: string): LockMode | undefined =>
  strongest(seen.flatMap((one) => one.get(name)?.lock ?? []));

it('has a setup for every rule that speaks of a lock, and for no other', async () => {
  const speaking: string[] = [];
  for (const { id, bad } of inSql)
    if (
      (await findingsIn(bad, MAJOR)).some(
        ({ rule, relations, fails }) => rule === id && relations.length > 0 && !fails,
      )
    )
      speaking.push(id);
  expect(Object.keys(setups).sort()).toEqual(speaking.sort());
});

/** A rule that needs a schema says which: that is its setup. */
const cases = inSql.flatMap(({ id, bad, good, needs }) => {
  const setup = needs === undefined ? setups[id] : { bad: needs };
  return setup ? [{ id, bad, good, setup, needs }] : [];
});

async function expectAsSaid(setup: string, sql: string, needs?: string): Promise<void> {
  const seen = await run(setup, sql);
  const expected = await named(sql, needs);
  // A rule that needs a schema may be about something else than locks.
  if (needs === undefined) expect(expected.size).toBeGreaterThan(0);
  expect(new Map([...expected.keys()].map((name) => [name, lockOf(seen, name)]))).toEqual(expected);
}

it.each(cases)('the bad example of $id takes the locks that it is said to take', ({ bad, setup, needs }) =>
  expectAsSaid(setup.bad, bad, needs),
);

it.each(moreLocks.map(([setup, sql]) => ({ setup, sql })))('as said: $sql', ({ setup, sql }) =>
  expectAsSaid(setup, sql),
);

it.each(cases)(
  'the good example of $id keeps nobody waiting without a word',
  async ({ good, setup, needs }) => {
    const said = await named(good, needs);
    for (const one of await run(setup.good ?? setup.bad, good))
      for (const [name, { lock, isIndex, rewritten, rowsRead }] of one) {
        // An index is locked with its table.
        if (isIndex || !blocks(lock)) continue;
        const told = said.get(name);
        // What is not worth a word is over in a moment: nothing is written anew, and nothing read.
        if (told) expect(lockModes.indexOf(told)).toBeGreaterThanOrEqual(lockModes.indexOf(lock ?? told));
        else expect({ name, rewritten, rowsRead }).toEqual({ name, rewritten: false, rowsRead: 0 });
      }
  },
);
