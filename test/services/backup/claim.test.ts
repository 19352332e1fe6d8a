/**
 * The claim: a backup that is reported restores to exactly the rows that were visible at its snapshot. As Jepsen does it
 * (https://jepsen.io): clients that keep a log of what they were told, a nemesis, and a checker that reads only the log,
 * the manifest and the restored copy.
 */
import { seed, whole } from '../../support/kills-sample.js';
import { randomFrom } from '../../support/random.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import type { Backup } from '../../../src/domain/backup.js';
import { ACCOUNTS, check, REWRITTEN, START, Workload, workloadSchema } from './claim-workload.js';
import { nemesisOn } from './claim-nemesis.js';
import { restored } from './fault-cases.js';
import { newFolder, removeFolders, run, sessionsLeft, take, until } from './support.js';

const SEEDS = whole ? Array.from({ length: 8 }, (_, n) => seed + n) : [seed];
const CLIENTS = 3;

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
  await run(database.url, workloadSchema);
});
afterEach(async () => {
  await database.drop();
  await removeFolders();
});

it.each(SEEDS)(
  'what is restored is what was there at the snapshot, whatever is done meanwhile (LOCKKEEPER_SEED=%i)',
  async (each) => {
    process.stderr.write(`LOCKKEEPER_SEED=${each}\n`);
    const random = randomFrom(each);
    const stop = new AbortController();
    const clients = Array.from({ length: CLIENTS }, (_, n) => new Workload(n, random));
    const working = clients.map((client) => client.run(database.url, stop.signal));
    const nemesis = nemesisOn(database.url, random, stop.signal);
    const [backup, asked] = await untilTaken(random);
    const answered = Date.now();
    stop.abort();
    await Promise.all(working);
    const fired = await nemesis;
    expect(fired.length).toBeGreaterThan(0);
    const entries = clients.flatMap(({ entries }) => entries);
    expect(entries.filter(({ acknowledged }) => acknowledged !== undefined).length).toBeGreaterThan(20);

    const found = await restored(database.url, backup, check);
    expect(found.sum).toBe(ACCOUNTS * START);
    expect(found.rewritten).toBe(REWRITTEN);
    expect(found.pairs).toBe(true);
    // What was acknowledged before the backup was asked for is in it; what began after it was there is not.
    const ids = new Set(found.ledger);
    const must = entries.filter(({ acknowledged }) => acknowledged !== undefined && acknowledged < asked);
    expect(must.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(entries.filter(({ begun, id }) => begun > answered && ids.has(id))).toEqual([]);
    // No row that nobody wrote, and none twice.
    const written = new Set(entries.map(({ id }) => id));
    expect(found.ledger.filter((id) => !written.has(id))).toEqual([]);
    expect(ids.size).toBe(found.ledger.length);
    // Each client's rows are those of a moment: none is missing before the last one that is there.
    for (const client of clients) expect(client.gaps(ids)).toEqual([]);
    expect(await sessionsLeft(database.url)).toBe(0);
  },
  180_000,
);

it.each([
  ['a row less', `DELETE FROM unkeyed WHERE id = '0-0'`],
  ['a row twice', `INSERT INTO unkeyed VALUES ('0-0')`],
  ['a value changed', `UPDATE rewritten SET x = 'other' WHERE id = 7`],
  ['a large object less', 'SELECT lo_unlink(object) FROM files LIMIT 1'],
  ['a large object changed', `SELECT lo_put(object, 0, 'x') FROM files WHERE id = '0-0'`],
  ['a sequence behind', `SELECT setval('ledger_n_seq', 1)`],
  ['money lost', 'UPDATE accounts SET balance = balance - 1 WHERE id = 1'],
])('the checker sees %s', async (_what, change) => {
  const stop = new AbortController();
  const client = new Workload(0, randomFrom(seed));
  const working = client.run(database.url, stop.signal);
  await until(() => Promise.resolve(client.entries.length > 5));
  stop.abort();
  await working;
  const good = await check(database.url);
  expect([good.sum, good.pairs]).toEqual([ACCOUNTS * START, true]);
  await run(database.url, change);
  const bad = await check(database.url).catch(() => ({ sum: 0, pairs: false }));
  expect([bad.sum, bad.pairs]).not.toEqual([ACCOUNTS * START, true]);
});

/** As a worker tries again. @returns the backup, and when its last attempt began */
async function untilTaken(random: () => number): Promise<[Backup, number]> {
  const folder = await newFolder();
  for (let attempt = 1; ; attempt += 1) {
    const asked = Date.now();
    const jobs = attempt > 2 ? 1 : 1 + Math.round(random());
    const taken = await take(database.url, { folder, attempt, jobs, giveWayMs: 2_000 }).catch(
      (error: unknown) => {
        const { told } = error as { told?: { retry: boolean } };
        if (!told?.retry || attempt === 20) throw error;
        return undefined;
      },
    );
    if (taken) return [taken, asked];
  }
}
