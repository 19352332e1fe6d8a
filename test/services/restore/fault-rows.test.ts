import { readFile, writeFile } from 'node:fs/promises';
import { readRestorePlan } from '../../../src/activities/plans.js';
import { swapIn } from '../../../src/activities/restore-swap.js';
import { tidy } from '../../../src/activities/tidy.js';
import { refuseUnlessEmptyCopy } from '../../../src/adapters/backup/restore-guard.js';
import { fittingJobs, roomFor } from '../../../src/adapters/backup/restore-room.js';
import { databaseNamed, databases, onServer } from '../../../src/adapters/postgres/databases.js';
import type { BackupManifest } from '../../../src/domain/backup.js';
import { sample, whole } from '../../support/kills-sample.js';
import { inside, oneValue, run, wrapped } from '../backup/support.js';
import { check, type FaultCase, ids, proved, rows, session } from './fault-cases.js';
import { killCases } from './kill-cases.js';
import { roleCases } from './role-cases.js';
import { serverCases } from './server-cases.js';
import { die, dropNamed, leftOf, nameOf, prepareAlike, type Prepared, problem, work } from './support.js';

const withTool = async ({ project }: Prepared, script: string) =>
  project.configure({ backup: { tools: await wrapped({ pg_restore: script }) } });
const restoring = (script: string) => `case "$*" in *--dbname=*) ${script};; *) exec "$real" "$@";; esac`;

const cases: readonly FaultCase[] = [
  {
    row: 21,
    name: 'an unlogged table is in the backup like any other, and compared',
    first: `CREATE UNLOGGED TABLE fleeting (id int PRIMARY KEY); INSERT INTO fleeting SELECT generate_series(1, 50)`,
    async act(prepared) {
      const { url } = prepared.project;
      await run(url, 'DELETE FROM fleeting WHERE id > 10');
      await swapIn(prepared.home, await proved(prepared), work());
      expect(await oneValue(url, 'SELECT count(*)::int FROM fleeting')).toBe(50);
    },
  },
  {
    row: 22,
    name: 'sequences go on from where the live ones were, never back',
    async act(prepared) {
      const { url } = prepared.project;
      await run(url, 'INSERT INTO orders (total) SELECT 1 FROM generate_series(1, 40)');
      await swapIn(prepared.home, await proved(prepared), work());
      expect(await oneValue(url, 'INSERT INTO orders (total) VALUES (1) RETURNING id::int')).toBe(1041);
    },
  },
  {
    row: 23,
    name: 'pg_restore dies in the middle: no half restored database is left, and the live one is untouched',
    async act(prepared) {
      await withTool(
        prepared,
        restoring('("$real" "$@" & p=$!; sleep 0.05; kill -9 $p; wait $p); kill -9 $$'),
      );
      const failed = await problem(proved(prepared));
      expect(['restore-interrupted', 'restore-failed']).toContain(failed.code);
      expect(await leftOf(prepared.project.url)).toEqual([]);
      expect(await rows(prepared)).toBe(1000);
    },
  },
  {
    row: 24,
    name: 'an error of pg_restore is never passed over',
    first: `CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE children (parent int REFERENCES parents);
      ALTER TABLE children DISABLE TRIGGER ALL; INSERT INTO children VALUES (7); ALTER TABLE children ENABLE TRIGGER ALL`,
    async act(prepared) {
      const failed = await problem(proved(prepared));
      expect(failed.code).toBe('restore-failed');
      expect(failed.message).toContain('violates foreign key constraint');
      expect(await leftOf(prepared.project.url)).toEqual([]);
    },
  },
  {
    row: 25,
    name: 'a database that is not empty, or not the copy, is not written into',
    async act({ project }) {
      await onServer(project.url, session, async (server) => {
        const live = await databaseNamed(server, nameOf(project.url));
        const told = await problem(
          inside(project.url, (client) =>
            refuseUnlessEmptyCopy(
              client,
              { oid: 1 },
              { ...live, marker: { of: 'x', oid: 1, run: 'x', state: 'incomplete' } },
            ),
          ),
        );
        expect(told.message).toMatch(/it has \d+ relations already/);
        const other = await problem(
          inside(project.url, (client) => refuseUnlessEmptyCopy(client, live, live)),
        );
        expect(other.code).toBe('not-a-copy');
      });
    },
  },
  ...(['closing', 'closed', 'sessions ended', 'swapped'] as const).map((dieAt): FaultCase => ({
    row: dieAt === 'swapped' ? 28 : dieAt === 'closing' ? 26 : 27,
    name: `killed when "${dieAt}" was told: one database has the name, whole, and the next run opens it`,
    async act(prepared) {
      const { url } = prepared.project;
      await run(url, 'DELETE FROM orders WHERE id > 900');
      const step = await proved(prepared);
      const { keepAs } = await readRestorePlan(prepared.project.path('.lockkeeper'), step.planHash);
      const [restored] = await leftOf(url);
      await die({ dieAt, url, swap: { restored, keepAs } });
      await tidy(prepared.home, { ...ids(prepared), runId: 'later' }, work());
      const named = (await onServer(url, session, databases)).filter(({ name }) => name === nameOf(url));
      expect(named).toMatchObject([{ open: true }]);
      expect(await rows(prepared)).toBe(dieAt === 'swapped' ? 1000 : 900);
    },
  })),
  {
    row: 35,
    name: 'extensions that the server lacks, or has in another version, are told before the first byte, all at once',
    async act(prepared) {
      const { manifest } = prepared.input.backup;
      const read = JSON.parse(await readFile(manifest, 'utf8')) as BackupManifest;
      const extensions = { ...read.contents.extensions, postgis: '3.4', plpgsql: '0.9' };
      await writeFile(manifest, JSON.stringify({ ...read, contents: { ...read.contents, extensions } }));
      const told = await problem(check(prepared));
      expect(told.code).toBe('restore-obstructed');
      expect(told.message).toContain('extension postgis 3.4: the server does not have it');
      expect(told.message).toContain(
        'extension plpgsql: 0.9 in the backup, and the server would install 1.0',
      );
      expect(await leftOf(prepared.project.url)).toEqual([]);
    },
  },
  {
    row: 37,
    name: 'too little room on the disk, or too few connections, is told before anything is made',
    async act({ project }) {
      const { faults } = await onServer(project.url, session, (server) =>
        roomFor(server, project.url, { atLeast: 2 ** 55, jobs: 100_000 }),
      );
      expect(faults[0]).toMatch(
        /are free in .*, and .* TiB are needed: 2.2 times the database, and max_wal_size/,
      );
      expect(faults[1]).toMatch(/connections are free, and 100004 are needed/);
    },
  },
  {
    row: 38,
    name: 'no more sessions restore than the memory of the machine allows',
    async act({ project }) {
      const fitting = (total: number) =>
        onServer(project.url, session, (server) => fittingJobs(server, 4, total));
      const each = Number(
        await oneValue(
          project.url,
          `SELECT pg_size_bytes(current_setting('maintenance_work_mem')) * (1 + current_setting('max_parallel_maintenance_workers')::int)`,
        ),
      );
      expect([await fitting(each), await fitting(each * 5), await fitting(each * 100)]).toEqual([1, 2, 4]);
    },
  },
];

describe('faults of a restore', () => {
  it.each(sample([...cases, ...killCases, ...roleCases, ...serverCases], 2))(
    'row $row: $name',
    async ({ first, act }) => {
      const prepared = await prepareAlike({ settings: { verify: [] } }, first);
      try {
        await act(prepared);
      } finally {
        await dropNamed(prepared.project.url, await leftOf(prepared.project.url));
        await prepared.project.close();
      }
    },
    whole ? 240_000 : 120_000,
  );
});
