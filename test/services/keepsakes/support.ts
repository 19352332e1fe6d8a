import { setTimeout as sleep } from 'node:timers/promises';
import { keep, keepRest } from '../../../src/adapters/keepsakes/copy.js';
import { keepableTables } from '../../../src/adapters/keepsakes/keepable.js';
import { putBack, type PutBack } from '../../../src/adapters/keepsakes/put-back.js';
import { keepsakesIn } from '../../../src/adapters/keepsakes/registry.js';
import { readCatalog } from '../../../src/adapters/postgres/catalog.js';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { keepsakeId, runWord, type Keepsake, type PlannedKeepsake } from '../../../src/domain/keepsake.js';
import { goneIn } from '../../../src/plan/gone.js';
import { keepsakesOf } from '../../../src/plan/keepsakes.js';
import { parse } from '../../../src/sql/parse.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';

export const RUN = '0a1b2c3d-1111-2222-3333-444455556666';

/** As one of ours: its name is what the triggers know it by. */
export const asOurs = { applicationName: 'lockkeeper:test:keepsakes' };
/** As the application. */
export const asShop = { applicationName: 'shop' };

export const options = {
  ...{ attemptMs: 200, waitMs: 20_000, batch: 8 },
  signal: new AbortController().signal,
  progress: () => undefined,
};

/** Of tables that are small enough to be copied at once. */
export const inBatches = { atOnce: 0 };

/** How what the SQL takes would be kept, as a plan says it. */
export async function plannedFor(client: Client, sql: string): Promise<PlannedKeepsake[]> {
  const ups = [{ revision: 'r2', up: await parse(sql) }];
  const gone = goneIn(ups, await readCatalog(client), 'alembic_version');
  const tables = await keepableTables(client, [...new Set(gone.map(({ table }) => table))]);
  return keepsakesOf(gone, tables, [], [sql]);
}

export async function keepAll(client: Client, planned: readonly PlannedKeepsake[], more = {}): Promise<void> {
  for (const [at, each] of planned.entries())
    await keep(
      client,
      {
        ...{ id: keepsakeId(RUN, at), target: 'shop', runId: RUN, planHash: 'p', owner: 'kim', days: 30 },
        planned: each,
      },
      { ...options, ...more },
    );
}

export const kept = (client: Client): Promise<Keepsake[]> => keepsakesIn(client, { runId: RUN });

export async function keepAllRest(client: Client): Promise<void> {
  for (const each of await kept(client)) await keepRest(client, each, options);
}

export async function putAllBack(client: Client): Promise<PutBack[]> {
  const came: PutBack[] = [];
  for (const each of await kept(client)) came.push(await putBack(client, each, options));
  return came;
}

/** What the bridge sends in place of DROP TABLE, in one transaction. */
export async function move(client: Client, { instead }: PlannedKeepsake): Promise<void> {
  const statements = (instead?.statements ?? []).map((each) => each.replaceAll('{run}', runWord(RUN)));
  await client.query(`BEGIN; ${statements.join(';\n')}; COMMIT`);
}

/** How many rows one has and the other has not, either way. */
export async function difference(client: Client, one: string, other: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(
    `SELECT count(*) AS n FROM ((TABLE ${one} EXCEPT ALL TABLE ${other}) UNION ALL (TABLE ${other} EXCEPT ALL TABLE ${one})) d`,
  );
  return Number(rows[0]!.n);
}

export interface Shop {
  /** Writes that were made. */
  writes: () => number;
  /** Ends, once the last write is committed. */
  stop: () => Promise<void>;
}

/**
 * An application that writes the same to a table and to its twin, each time in one transaction: new rows, values, NULLs,
 * deleted rows and such that come back under their key.
 *
 * @param column - that it writes besides; null: it does not know it
 */
export function shopAt(url: string, column: string | null, { clients = 2, most = 4_000 } = {}): Shop {
  let going = true;
  let writes = 0;
  const work = async (client: Client) => {
    while (going) {
      const key = 1 + Math.floor(Math.random() * most);
      await client.query('BEGIN');
      for (const sql of oneOf(column, key)) {
        await client.query(sql.replaceAll('TABLE_', 'items'));
        await client.query(sql.replaceAll('TABLE_', 'twin'));
      }
      await client.query('COMMIT');
      writes += 1;
      await sleep(1);
    }
  };
  const all = Array.from({ length: clients }, () => withClient(url, asShop, work));
  return {
    writes: () => writes,
    stop: async () => {
      going = false;
      await Promise.all(all);
    },
  };
}

function oneOf(column: string | null, key: number): string[] {
  const word = Math.random().toString(36).slice(2, 8);
  const also = column ? `, ${column} = '${word}'` : '';
  const more = column ? `, ${column}) VALUES (${key}, 'new', '${word}')` : `) VALUES (${key}, 'new')`;
  const insert = `INSERT INTO TABLE_ (id, name${more} ON CONFLICT DO NOTHING`;
  const remove = `DELETE FROM TABLE_ WHERE id = ${key}`;
  const choices = [
    [insert],
    [`UPDATE TABLE_ SET name = '${word}'${also} WHERE id = ${key}`],
    [`UPDATE TABLE_ SET name = '${word}' WHERE id = ${key}`],
    [remove],
    [remove, insert],
    column ? [`UPDATE TABLE_ SET ${column} = NULL WHERE id = ${key}`] : [remove],
  ];
  return choices[Math.floor(Math.random() * choices.length)]!;
}

/** A database for each test of a file. */
export function ownDatabase() {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.drop());
  return {
    database: () => database,
    here: (work: (client: Client) => Promise<void>) => () => withClient(database.url, asOurs, work),
    shop: (sql: string) => withClient(database.url, asShop, (client) => client.query(sql)),
  };
}

/** Kept whole, then changed. */
export async function change(client: Client, sql: string): Promise<void> {
  const planned = await plannedFor(client, sql);
  await keepAll(client, planned);
  await keepAllRest(client);
  await client.query(sql);
}
