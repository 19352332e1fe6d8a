import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connectionOf } from '../../../src/adapters/postgres/connection.js';
import type { Backup } from '../../../src/domain/backup.js';
import { whole } from '../../support/kills-sample.js';
import { type FaultCase, failure, manifestOf, restored, type Scene, standing } from './fault-cases.js';
import { inside, oneValue, run, take, until } from './support.js';

const rowsOf = (copy: string, table: string) => oneValue(copy, `SELECT count(*)::int FROM ${table}`);

/** Faults of the database: settings, rights, and what others do at the same time. */
export const databaseCases: readonly FaultCase[] = [
  {
    row: 13,
    name: 'the roles of owners and grants are beside, as they were',
    async act({ url, take }) {
      const role = `lk_fault_${process.pid}`;
      await run(
        url,
        `CREATE ROLE ${role} NOLOGIN; ALTER TABLE small OWNER TO ${role}; GRANT SELECT ON noise TO ${role}`,
      );
      try {
        const backup = await take();
        await run(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
        const { globals } = await manifestOf(backup);
        const sql = await readFile(join(dirname(backup.manifest), globals!.file), 'utf8');
        await run(
          url,
          sql
            .split('\n')
            .filter((line) => line.includes(` ${role}`))
            .join('\n'),
        );
        const owner = `SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'small'`;
        expect(await restored(url, backup, (copy) => oneValue(copy, owner))).toBe(role);
      } finally {
        await run(url, `DROP ROLE ${role}`);
      }
    },
  },
  {
    row: 14,
    name: 'role and database have the worst settings: taken all the same, and whole',
    async act({ url, take }) {
      const { rows } = await run(url, 'SELECT current_database() AS name');
      const { name } = rows[0] as { name: string };
      const worst = [
        ...[
          "statement_timeout = '20ms'",
          "lock_timeout = '1ms'",
          "idle_in_transaction_session_timeout = '20ms'",
        ],
        ...[
          "idle_session_timeout = '200ms'",
          "transaction_timeout = '50ms'",
          'default_transaction_read_only = on',
        ],
        ...["search_path = ''", "DateStyle = 'German'", 'row_security = off', 'extra_float_digits = -5'],
        ...["default_transaction_isolation = 'serializable'", 'quote_all_identifiers = on'],
      ];
      for (const each of worst) await run(url, `ALTER DATABASE ${name} SET ${each}`);
      expect(await oneValue(url, `SELECT setting FROM pg_settings WHERE name = 'extra_float_digits'`)).toBe(
        '1',
      );
      const manifest = await manifestOf(await take());
      expect(manifest.contents.tables).toEqual({ 'public.noise': 60_000, 'public.small': 5_000 });
      expect([manifest.alarms, manifest.globals?.passwords]).toEqual([undefined, true]);
    },
  },
  {
    row: 15,
    name: 'row level security, FORCE for the owner too: refused with the grant that helps',
    act: (scene) =>
      asReader(scene, async (url, role) => {
        await run(
          scene.url,
          `GRANT pg_read_all_data TO ${role}; SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
          ALTER TABLE noise ENABLE ROW LEVEL SECURITY;
          ALTER TABLE small OWNER TO ${role}; ALTER TABLE small ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
        );
        const { code, told } = await failure(take(url));
        expect([code, told.retry]).toEqual(['backup-rows-hidden', false]);
        expect(JSON.stringify(told)).toMatch(/public\.noise, public\.small.*ALTER ROLE .*BYPASSRLS/);
        await run(scene.url, `ALTER ROLE ${role} BYPASSRLS`);
        expect((await manifestOf(await take(url))).contents.tables['public.small']).toBe(5_000);
      }),
  },
  {
    row: 16,
    name: 'tables, sequences, schemas and large objects that the role may not read: all told at once',
    act: (scene) =>
      asReader(scene, async (url, role) => {
        await run(
          scene.url,
          `CREATE SCHEMA closed; CREATE TABLE closed.t (x int); CREATE SEQUENCE closed.s;
          GRANT SELECT ON closed.t, closed.s, small TO ${role}`,
        );
        const { code, told } = await failure(take(url));
        expect([code, told.retry]).toEqual(['backup-not-possible', false]);
        for (const name of ['closed.t', 'closed.s', 'public.noise', 'public.small_id_seq', '1 large object'])
          expect(told.why).toContain(name);
        expect(told.why).not.toMatch(/public\.small[,;]/);
      }),
  },
  {
    row: 17,
    name: 'tables are rewritten, emptied, made and dropped all the time: taken whole, or not at all',
    async act({ url, take }) {
      const stop = new AbortController();
      const bursting = bursts(url, stop.signal);
      const backup = await untilTaken(take);
      stop.abort();
      expect(await bursting).toBeGreaterThan(3);
      // At every moment it had these rows; a dump that begins before its locks has none of them.
      expect(await restored(url, backup, (copy) => rowsOf(copy, 'small'))).toBe(5_000);
    },
  },
  {
    row: 18,
    name: 'somebody has a table for himself: waits so long, then names him, and kills nobody',
    async act({ url, take }) {
      await inside(url, async (client) => {
        await client.query('BEGIN; LOCK TABLE small IN ACCESS EXCLUSIVE MODE');
        const { code, told } = await failure(take({ lockTimeoutMs: 300 }));
        expect([code, told.retry]).toEqual(['backup-blocked', true]);
        expect(told.why).toMatch(
          /pid \d+ \(test\) of postgres, holds a lock AccessExclusiveLock of small, for \d+ s/,
        );
        await client.query('COMMIT');
      });
      expect((await take({ attempt: 2 })).level).toBe('L2');
    },
  },
  {
    row: 19,
    name: 'ALTER TABLE waits for the dump: after a while the dump ends itself, and names it',
    async act({ url, take }) {
      const slow = await standing();
      const failing = failure(take({ pgBin: slow.pgBin, giveWayMs: 600 }));
      await slow.stands();
      await run(url, 'ALTER TABLE small ADD COLUMN more int');
      const { code, told } = await failing;
      expect([code, told.retry]).toEqual(['backup-gave-way', true]);
      expect(told.why).toContain('ALTER TABLE small ADD COLUMN more');
      expect((await take({ attempt: 2 })).level).toBe('L2');
    },
  },
  {
    row: 20,
    name: 'the snapshot is held for too long: ended; one that was not says how many transactions it held up',
    async act({ url, take }) {
      const slow = await standing();
      const failing = failure(take({ pgBin: slow.pgBin, longestMs: 2_000 }));
      await slow.stands();
      const { code, told } = await failing;
      expect([code, told.retry]).toEqual(['backup-too-long', false]);
      const again = await standing();
      const taking = take({ pgBin: again.pgBin, attempt: 2 });
      await again.stands();
      for (let n = 0; n < 5; n += 1) await run(url, `INSERT INTO small (note) VALUES ('meanwhile')`);
      await again.goOn();
      expect((await manifestOf(await taking)).xminAge).toBeGreaterThanOrEqual(5);
    },
  },
];

async function asReader({ url }: Scene, work: (url: string, role: string) => Promise<void>): Promise<void> {
  const role = `lk_reader_${process.pid}`;
  const { host, port, database } = connectionOf(url);
  await run(url, `CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
  try {
    await work(`postgresql://${role}:pw@${host}:${port}/${database}`, role);
  } finally {
    await run(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
}

/** Polite, as migrations are: who does not get a lock soon lets others go first. @returns how many came through */
async function bursts(url: string, signal: AbortSignal): Promise<number> {
  const all = [
    'ALTER TABLE small ALTER COLUMN note TYPE varchar',
    'ALTER TABLE small ALTER COLUMN note TYPE text',
    `BEGIN; CREATE TEMP TABLE kept ON COMMIT DROP AS TABLE small; TRUNCATE small; INSERT INTO small TABLE kept; COMMIT`,
    'CREATE TABLE fleeting (x int)',
    'DROP TABLE fleeting',
  ];
  let done = 0;
  for (let n = 0; !signal.aborted; n += 1)
    await inside(url, async (client) => {
      await client.query('SET lock_timeout = 200');
      await client.query(all[n % all.length]!).then(
        () => (done += 1),
        () => client.query('ROLLBACK'),
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
  return done;
}

/** As a worker tries again; the last attempts by one session, as it does. */
async function untilTaken(take: Scene['take']): Promise<Backup> {
  let backup: Backup | undefined;
  let attempt = 0;
  await until(
    async () => {
      attempt += 1;
      backup = await take({ attempt, jobs: attempt > 2 ? 1 : 2, giveWayMs: 2_000 }).catch(
        (error: unknown) => {
          expect((error as { told?: { retry: boolean } }).told?.retry).toBe(true);
          return undefined;
        },
      );
      return backup !== undefined;
    },
    whole ? 160_000 : 50_000,
  );
  return backup!;
}
