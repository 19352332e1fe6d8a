import { writeFile } from 'node:fs/promises';
import { checkTarget } from '../../../src/commands/check-target.js';
import { noteStatements } from '../../../src/activities/old-code/note.js';
import { shell } from '../../../src/adapters/shell.js';
import { tools } from '../../../src/stack/tools.js';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { testVenv } from '../../support/servers.js';
import { quietWork } from '../../support/settings-home.js';
import { against, deployEnds, RenamedShop } from './support.js';

/** A process that nobody of us has started. @returns its id */
async function started(cwd: string): Promise<number> {
  const { stdout } = await shell({ file: 'sh', args: ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], cwd });
  return Number(stdout);
}

const note = (shop: RenamedShop) =>
  noteStatements(shop.home, { target: 'shop', runId: 'run-1' }, quietWork());

describe('on a server that counts statements', () => {
  let server: InstalledServer;
  let shop: RenamedShop;

  beforeAll(async () => {
    server = await installedPostgres(tools(await testVenv()).pgBin, {
      shared_preload_libraries: 'pg_stat_statements',
    });
  }, 400_000);
  afterAll(() => server?.stop(), 60_000);
  beforeEach(async () => {
    shop = await RenamedShop.make(await server.freshDatabase());
    await shop.query('CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats');
  });
  afterEach(() => shop.remove());

  it('names a session from before the deploy, also where a pool keeps it idle, and passes once it is gone', async () => {
    const pooled = await shop.connect('shop-worker');
    await shop.connect('psql');
    await shop.connect('lockkeeper:shop:look');
    const { rows } = await pooled.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const since = await deployEnds();
    await shop.connect('shop');
    const first = await shop.proof(since);
    expect(first.holds).toBe(false);
    expect(against(first)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^sessions: pid ${rows[0]?.pid}, shop-worker \\(role postgres, 127.0.0.1\\), idle, has been connected since .* UTC, ` +
            `before r2 was deployed → stop the process that holds it \\(on 127.0.0.1: ss -tnp 'sport = :\\d+'\\)`,
        ),
      ),
    ]);
    const another = await shop.connect('shop-worker');
    // The moment that is asked about is now: both are older, and one pool.
    expect(against(await shop.proof(await deployEnds()))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^sessions: 2 sessions, the oldest pid ${rows[0]?.pid}, shop-worker \\(role postgres, 127.0.0.1\\), have been connected since .* UTC or later, before r2`,
        ),
      ),
      expect.stringMatching(/^sessions: pid \d+, shop \(/),
    ]);
    await another.end();
    await pooled.end();
    const second = await shop.proof(since);
    expect(second).toMatchObject({ holds: true });
    expect(second.evidence.map(({ says }) => says)).toContainEqual(
      expect.stringMatching(
        /^none of 1 session was opened before .*; 1 session of tools such as psql do not count/,
      ),
    );
  }, 200_000);

  it('names a statement that was run since the deploy, and none of ours, of dumps and of migrations', async () => {
    const old = 'SELECT id FROM orders WHERE note = $1';
    await shop.query(old, ['x']);
    await note(shop);
    const since = await deployEnds();
    const others = [
      'SELECT id, remark FROM orders',
      'SELECT note FROM customers',
      'COPY orders (id, note, remark) TO STDOUT',
      'UPDATE orders SET remark = (note\n/* lockkeeper */) WHERE id <= 5',
      'COMMENT ON COLUMN orders.note IS NULL',
    ];
    for (const sql of others) await shop.query(sql);
    const first = await shop.proof(since);
    expect(first).toMatchObject({ holds: true, missing: [] });
    expect(first.evidence.map(({ says }) => says)).toContainEqual(
      expect.stringMatching(/^none that names orders.note has been run since /),
    );
    await shop.query(old, ['x']);
    await shop.query("SELECT o.note, interval '1 day' FROM orders o");
    const second = await shop.proof(since);
    expect(second.holds).toBe(false);
    expect(against(second).sort()).toEqual([
      expect.stringMatching(
        /^statements: run 1 time since .* UTC by role postgres, names orders.note: SELECT id FROM orders WHERE note = \$1/,
      ),
      expect.stringMatching(
        /^statements: run 1 time since .* names orders.note: SELECT o.note, interval \$1/,
      ),
    ]);
  }, 200_000);

  it('says where nothing was noted at the deploy, and can tell when it is asked again', async () => {
    await shop.query('SELECT note FROM orders');
    const since = await deployEnds();
    const first = await shop.proof(since);
    expect(first).toMatchObject({
      holds: true,
      missing: [expect.stringContaining('noted now: ask again later')],
    });
    await deployEnds();
    expect(await shop.proof(since)).toMatchObject({ holds: true, missing: [] });
    await shop.query('SELECT note FROM orders');
    expect(against(await shop.proof(since))).toEqual([expect.stringContaining('SELECT note FROM orders')]);
  }, 200_000);

  it('names a process that runs from the folder of another release', async () => {
    const old = await started(shop.path('releases', 'r1'));
    const newer = await started(shop.path('releases', 'r2'));
    try {
      const since = await deployEnds();
      expect(against(await shop.proof(since))).toEqual([
        expect.stringMatching(
          new RegExp(
            `^processes: process ${old} \\(sleep\\) runs from the folder of r1, since .* UTC → kill ${old}$`,
          ),
        ),
      ]);
      process.kill(old);
      expect(await shop.proof(since)).toMatchObject({ holds: true });
    } finally {
      process.kill(newer);
    }
  }, 200_000);

  it('names the roles whose sessions and statements it may not see, and the right that it needs', async () => {
    await shop.query(
      'CREATE ROLE keeper LOGIN PASSWORD $$x$$; GRANT ALL ON ALL TABLES IN SCHEMA public TO keeper',
    );
    const limited = shop.database.url.replace(/\/\/[^@]*@/, '//keeper:x@');
    await writeFile(shop.path('url'), limited);
    await shop.connect('shop-worker');
    await shop.query('SELECT note FROM orders');
    const since = await deployEnds();
    const { missing: closed } = await shop.proof(since);
    expect(closed).toContain(
      'statements: pg_stat_statements: permission denied for schema stats: GRANT USAGE on it, and pg_read_all_stats',
    );
    await shop.query('GRANT USAGE ON SCHEMA stats TO keeper');
    const { evidence, missing } = await shop.proof(since);
    expect(evidence.map(({ source }) => source)).toEqual(['processes', 'files']);
    expect(missing).toEqual([
      'sessions: those of postgres are not shown to keeper: GRANT pg_read_all_stats TO keeper',
      expect.stringMatching(
        /^statements: pg_stat_statements: \d+ statements of other roles are not shown: GRANT pg_read_all_stats/,
      ),
    ]);
    await shop.query('GRANT pg_read_all_stats TO keeper');
    expect(against(await shop.proof(since))).toEqual([expect.stringContaining('shop-worker (role postgres')]);
    await shop.query('DROP OWNED BY keeper; DROP ROLE keeper');
  }, 200_000);

  it('is told by a check of the release whose revisions are the contract, by the deploy that is on record', async () => {
    await shop.connect('shop-worker');
    await shop.deployed('r2', await deployEnds());
    const told: string[] = [];
    const io = {
      json: false,
      interactive: false,
      out: (text: string) => told.push(text),
      say: () => undefined,
    };
    const options = { config: shop.file, release: 'r2', failOn: 'never' } as const;
    expect(await checkTarget('shop', { ...options, json: false } as never, io as never)).toBe(0);
    expect(told.join()).toMatch(
      /^Not proved: old code may still use what the contract of orders-note takes away\.\n {2}! {3}sessions: pid \d+, shop-worker/,
    );
    expect(told.join()).toMatch(/column-dropped/);
    await checkTarget('shop', { ...options, format: 'json' } as never, { ...io, json: true } as never);
    expect(JSON.parse(told.at(-1) ?? '')).toMatchObject({
      oldCode: [{ change: 'orders-note', release: 'r2', holds: false }],
    });
  }, 200_000);

  it("does not hold as long as the release's own files name it, nor before it was watched for long enough", async () => {
    const since = await deployEnds();
    expect(against(await shop.proof(since, { release: 'r1' }))).toEqual([
      'files: r1 itself names orders.note: models.py:1 → deploy a release that does without orders.note',
    ]);
    expect(against(await shop.proof(since, { watchMs: 3_600_000 }))).toEqual([
      expect.stringMatching(/^watch time: to be watched until .* UTC, for 59 min \d+ s more/),
    ]);
  }, 200_000);
});
