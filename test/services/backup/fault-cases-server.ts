import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connectionOf } from '../../../src/adapters/postgres/connection.js';
import { networkTo } from '../../support/black-hole.js';
import { installedPostgres } from '../../support/installed-postgres.js';
import { root } from '../../support/test-stack.js';
import {
  dumping,
  type FaultCase,
  failure,
  failureInTime,
  manifestOf,
  type Scene,
  schema,
  sceneIn,
  standing,
} from './fault-cases.js';
import { OLDER } from './fault-cases-tools.js';
import { applicationName, binFolder, filesIn, oneValue, run, until } from './support.js';

/** Faults of sessions, servers, networks and workers. */
export const serverCases: readonly FaultCase[] = [
  {
    row: 3,
    name: 'the sessions of pg_dump are ended in the middle: tried again on a new snapshot',
    async act(scene) {
      const { code, told } = await failureInTime(async (name) => {
        const slow = await standing();
        const taking = scene.take({ name, pgBin: slow.pgBin });
        taking.catch(() => undefined); // looked at below
        await slow.stands();
        const pids = await dumping(scene.url);
        expect(pids.length).toBeGreaterThan(0);
        for (const pid of pids) await run(scene.url, `SELECT pg_terminate_backend(${pid})`);
        await slow.goOn();
        return taking;
      });
      expect([code, told.retry]).toEqual(['backup-interrupted', true]);
      expect((await scene.take({ name: 'again', attempt: 2 })).level).toBe('L2');
    },
  },
  {
    row: 3,
    name: 'the server stops without a word in the middle: tried again',
    async act() {
      const server = await installedPostgres(OLDER);
      try {
        const { url } = await server.freshDatabase();
        await run(url, schema);
        const scene = await sceneIn(url, OLDER);
        const slow = await standing(OLDER);
        const failing = failure(scene.take({ pgBin: slow.pgBin }));
        await slow.stands();
        // A session that dies by SIGKILL makes the server end all others and recover.
        process.kill(Number((await dumping(url))[0]), 'SIGKILL');
        await until(async () => (await dumping(url).catch(() => ['not yet'])).length === 0, 30_000);
        await slow.goOn();
        const { code, told } = await failing;
        expect(['backup-interrupted', 'connection-lost', 'database-not-ready']).toContain(code);
        expect(told.retry).toBe(true);
        const again = await manifestOf(await scene.take({ attempt: 2, pgBin: OLDER }));
        expect(again.database).toEqual((await manifestOf(scene.good)).database);
      } finally {
        await server.stop();
      }
    },
  },
  {
    row: 3,
    name: 'a standby is backed up like its primary, and the manifest says what it was, and on which timeline',
    async act({ good }) {
      const { timeline, standby } = (await manifestOf(good)).database;
      expect({ timeline, standby }).toEqual({ timeline: 1, standby: false });
      const bin = await binFolder();
      const server = await installedPostgres(bin, {}, { standby: true });
      try {
        const scene = await sceneIn(server.url('postgres'), bin);
        expect((await manifestOf(scene.good)).database).toMatchObject({ timeline: 1, standby: true });
      } finally {
        await server.stop();
      }
    },
  },
  {
    row: 4,
    name: 'the network swallows all packets in the middle: noticed, tried again, and the next attempt succeeds',
    async act(scene) {
      const { host, port, user, password, database } = connectionOf(scene.url);
      const network = await networkTo(host, port);
      const through = `postgresql://${user}:${password}@127.0.0.1:${network.port}/${database}`;
      const slow = await standing();
      const over = { ...scene, url: through };
      const failing = failure(takeThrough(over, { pgBin: slow.pgBin, silentMs: 1_000 }));
      await slow.stands();
      network.swallow();
      const began = performance.now();
      const { code, told } = await failing;
      expect([code, told.retry]).toEqual(['connection-lost', true]);
      expect(performance.now() - began).toBeLessThan(40_000);
      expect(network.swallowed()).toBeGreaterThan(0);
      network.close();
      expect((await scene.take({ attempt: 2 })).level).toBe('L2');
    },
  },
  {
    row: 5,
    name: 'the worker is killed: pg_dump lives on; the next attempt ends it, and removes what it wrote',
    async act({ take, url, folder }) {
      const slow = await standing();
      const doomed = workerWith({ url, folder, pgBin: slow.pgBin });
      await slow.stands();
      doomed.kill('SIGKILL');
      await once(doomed, 'exit');
      expect(await dumping(url)).not.toEqual([]);
      expect((await filesIn(folder)).some((name) => name.endsWith('.part'))).toBe(true);
      const told: string[] = [];
      const began = performance.now();
      const backup = await take({ attempt: 2, onProgress: (text) => void told.push(text) });
      expect(performance.now() - began).toBeLessThan(20_000);
      expect(told.some((text) => text.startsWith('dumping: table '))).toBe(true);
      expect(backup.level).toBe('L2');
      await slow.goOn();
    },
  },
  {
    row: 6,
    name: 'an attempt taken for dead lives on beside the next one: one backup, and not by the first',
    async act({ take, url, folder }) {
      const slow = await standing();
      const zombie = failure(take({ pgBin: slow.pgBin }));
      await slow.stands();
      const backup = await take({ attempt: 2 });
      await slow.goOn();
      expect((await zombie).told.retry).toBe(true);
      expect(await take({ attempt: 3 })).toEqual(backup);
      expect((await filesIn(folder)).filter((name) => /^run-2.*(dump|json|part)$/.test(name))).toEqual([
        'run-2.dump',
        'run-2.json',
      ]);
      expect(await dumping(url)).toEqual([]);
    },
  },
  {
    row: 39,
    name: 'a second backup of the database is refused while one runs, and the first is named',
    async act({ take, url }) {
      const slow = await standing();
      const first = take({ pgBin: slow.pgBin });
      await slow.stands();
      const other = `${applicationName}:other`;
      const { code, told } = await failure(take({ name: 'run-3', applicationName: other }));
      await slow.goOn();
      expect([code, told.retry]).toEqual(['backup-running', true]);
      expect(JSON.stringify(told)).toContain(applicationName);
      await first;
      expect((await take({ name: 'run-3', applicationName: other })).level).toBe('L2');
      expect(
        Number(
          await oneValue(
            url,
            `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (
        SELECT oid FROM pg_database WHERE datname = current_database())`,
          ),
        ),
      ).toBe(0);
    },
  },
];

const takeThrough = async ({ url, folder }: Scene, options: { pgBin: string; silentMs: number }) => {
  const { take } = await import('./support.js');
  return take(url, { folder, name: 'run-2', jobs: 2, ...options });
};

function workerWith(options: { url: string; folder: string; pgBin: string }) {
  const script = join(root, 'test/services/backup/killed-backup.ts');
  const given = { ...options, applicationName, name: 'run-2', attempt: 1, jobs: 2 };
  return spawn(process.execPath, [join(root, 'scripts/run-ts.mjs'), script, JSON.stringify(given)], {
    cwd: root,
    stdio: 'ignore',
  });
}
