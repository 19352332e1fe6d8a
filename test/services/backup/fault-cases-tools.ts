import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installedPostgres } from '../../support/installed-postgres.js';
import { type FaultCase, failure, manifestOf, restored, schema } from './fault-cases.js';
import { filesIn, newFolder, oneValue, run, take, whenDumping, wrapped } from './support.js';

const exec = promisify(execFile);
/** Debian's PostgreSQL, older than that of the tests. */
export const OLDER = '/usr/lib/postgresql/15/bin';

const all: readonly FaultCase[] = [
  {
    row: 1,
    name: 'the disk becomes full in the middle: what was written is removed, and no other backup is touched',
    async act({ folder, url }) {
      const disk = await newFolder();
      await exec('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
      try {
        // A good one, small enough, of when there was little.
        await copyFile(join(folder, 'run-1.json'), join(disk, 'other.json'));
        const told = (await failure(take(url, { folder: disk, jobs: 2 }))).told as {
          what?: string;
          retry: boolean;
        };
        expect(told.what).toMatch(/became full after|needs about/);
        expect(told.retry).toBe(false);
        expect(await filesIn(disk)).toEqual(['other.json']);
      } finally {
        await exec('umount', [disk]);
      }
    },
  },
  {
    row: 2,
    name: 'pg_dump writes all and ends with 3: no backup',
    async act({ take, folder }) {
      const failed = await failure(
        take({ pgBin: await wrapped({ pg_dump: whenDumping('"$real" "$@"; exit 3') }) }),
      );
      expect([failed.code, failed.told.retry]).toEqual(['backup-interrupted', true]);
      expect((await filesIn(folder)).filter((name) => !name.startsWith('run-1.'))).toEqual([]);
    },
  },
  {
    row: 2,
    name: 'pg_dump ends with 0 and has written nothing: no backup',
    async act({ take }) {
      const nothing = await wrapped({ pg_dump: whenDumping('exit 0') });
      expect((await failure(take({ pgBin: nothing }))).code).toBe('unreadable-backup');
    },
  },
  {
    row: 10,
    name: 'pg_dump is older than the server: refused, both named, before a file is made',
    async act({ take }) {
      const { code, told } = await failure(take({ pgBin: OLDER }));
      expect([code, told.retry]).toEqual(['pg-dump-too-old', false]);
      expect(JSON.stringify(told)).toMatch(
        /15\.\d+, and the server of version 18\.6.*client tools of PostgreSQL 18/,
      );
    },
  },
  {
    row: 11,
    name: 'pg_dump is newer than the server: refused; without a folder the fitting one is found, and restores',
    async act() {
      const older = await installedPostgres(OLDER);
      try {
        const database = await older.freshDatabase();
        await run(database.url, schema);
        expect((await failure(take(database.url, { jobs: 2 }))).code).toBe('pg-dump-too-new');
        const backup = await takeWithoutFolder(database.url);
        const { pgDumpVersion, compression } = await manifestOf(backup);
        expect([pgDumpVersion.startsWith('15.'), compression]).toEqual([true, '1']);
        const rows = (copy: string) => oneValue(copy, 'SELECT count(*)::int FROM noise');
        expect(await restored(database.url, backup, rows, OLDER)).toBe(60_000);
      } finally {
        await older.stop();
      }
    },
  },
  {
    row: 12,
    name: 'pg_dump and pg_restore are of different installations: refused; and the archive is never plain SQL',
    async act({ take, good }) {
      const mixed = await wrapped({ pg_restore: `exec ${OLDER}/pg_restore "$@"` });
      expect((await failure(take({ pgBin: mixed }))).code).toBe('pg-tools-differ');
      expect(await filesIn(good.path)).toContain('toc.dat');
    },
  },
];

/** Faults of the disk and of PostgreSQL's tools. Where there is no older PostgreSQL, nothing is older. */
export const toolCases = all.filter(({ row }) => existsSync(OLDER) || ![10, 11, 12].includes(row));

const takeWithoutFolder = async (url: string) => {
  const { backUp } = await import('../../../src/adapters/backup/back-up.js');
  const { signal } = new AbortController();
  const folder = await newFolder();
  const options = { folder, name: 'run', attempt: 1, applicationName: 'lockkeeper:older', jobs: 2, signal };
  return backUp({ url }, { ...options, onProgress: () => {} });
};
