import { execFile } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { swapIn } from '../../../src/activities/restore-swap.js';
import { verifyRestored } from '../../../src/activities/restore-verify.js';
import { restoreBeside } from '../../../src/adapters/backup/restore-beside.js';
import { withDatabase } from '../../../src/adapters/postgres/databases.js';
import { binFolder, newFolder, oneValue, run } from '../backup/support.js';
import { type FaultCase, proved, rows } from './fault-cases.js';
import { leftOf, nameOf, problem, work } from './support.js';

const exec = promisify(execFile);
const DEFECT = 'index half_built on public.orders: *';

/** What depends on the server itself. */
export const serverCases: readonly FaultCase[] = [
  {
    row: 36,
    name: 'an invalid index that the settings know: the restore is verified without it',
    first: `CREATE INDEX half_built ON orders (total);
      UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_built'::regclass`,
    async act(prepared) {
      const { project, home } = prepared;
      const tools = await binFolder();
      const known = { difference: DEFECT, owner: 'ana@example.com', why: 'a build that was cut off' };
      await project.configure({ verify: [], backup: { tools, knownDefects: [known] } });
      const step = await proved(prepared);
      await swapIn(home, step, work());
      expect((await verifyRestored(home, step, work())).note).toContain('the schema of the backup');
      await project.configure({
        verify: [],
        backup: { tools, knownDefects: [{ ...known, difference: 'index other: *' }] },
      });
      expect((await problem(verifyRestored(home, step, work()))).message).toContain('half_built');
    },
  },
  {
    row: 37,
    name: "the server's disk becomes full in the middle: it may be tried again, nothing is left, all is as it was",
    first: `CREATE TABLE noise AS SELECT n AS id, repeat(md5(n::text), 30) AS x FROM generate_series(1, 20000) n`,
    async act(prepared) {
      const { project, input } = prepared;
      const [server, live, place] = [
        withDatabase(project.url, 'postgres'),
        nameOf(project.url),
        await newFolder(),
      ];
      const small = `lk_small_${process.pid}`;
      await exec('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', place]);
      try {
        const { uid, gid } = await stat(
          String(await oneValue(server, `SELECT current_setting('data_directory')`)),
        );
        await chown(place, uid, gid);
        await run(server, `CREATE TABLESPACE ${small} LOCATION '${place}'`);
        await run(server, `ALTER DATABASE "${live}" SET TABLESPACE ${small}`);
        const failed = await problem(
          restoreBeside({ url: project.url }, input.backup, {
            ...{
              name: 'restore x y',
              pgBin: await binFolder(),
              jobs: 2,
              applicationName: 'lockkeeper:test:full',
            },
            ...{ attempt: 1, signal: new AbortController().signal, onProgress: () => {} },
          }),
        );
        expect([failed.code, failed.told.retry]).toEqual(['restore-interrupted', true]);
        expect(failed.message).toContain('No space left on device');
        expect(await leftOf(project.url)).toEqual([]);
        expect(await rows(prepared)).toBe(1000);
      } finally {
        await run(server, `ALTER DATABASE "${live}" SET TABLESPACE pg_default`);
        await run(server, `DROP TABLESPACE IF EXISTS ${small}`);
        await exec('umount', [place]);
      }
    },
  },
];
