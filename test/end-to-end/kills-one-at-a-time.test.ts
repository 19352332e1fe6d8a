import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeLock } from '../../src/adapters/postgres/advisory-lock.js';
import { withClient } from '../../src/adapters/postgres/client.js';
import { faultsOf, leftOver } from '../support/kills-check.js';
import { Scene, type SceneOptions } from '../support/kills.js';
import { runProgram, type Ran } from '../support/project.js';
import { projectPython } from '../support/servers.js';
import { patience } from '../support/kills-sample.js';

/** What people type who do not know of Lockkeeper. */
const alembicByHand = ({ project }: Scene): Promise<Ran> =>
  runProgram(projectPython, ['-m', 'alembic', 'upgrade', 'head'], {
    cwd: project.path('releases', 'r2'),
    env: project.env,
    ms: 60_000,
  });

async function withScene(options: SceneOptions, act: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.make(options);
  try {
    await act(scene);
  } finally {
    await scene.close();
  }
}

describe('one thing changes a target at a time', () => {
  it.concurrent(
    'lets a worker that is told to stop finish its migration, and the next one goes on',
    async () => {
      await withScene({ hold: 'migrate: a statement' }, async (scene) => {
        await scene.start();
        const { child } = scene.worker;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await sleep(2_000);
        expect(child.exitCode).toBeNull();
        await scene.release();
        expect(await ended).toEqual([0, null]);
        expect(await scene.query('select version_num from alembic_version')).toEqual([
          { version_num: '0002_gifts' },
        ]);
        await scene.startWorker();
        const record = await scene.ended(60_000);
        expect(await faultsOf(scene, record, 'new')).toEqual([]);
        expect(record.facts.filter(({ kind }) => kind === 'settled')).toEqual([]);
      });
    },
    120_000 * patience,
  );

  it.concurrent(
    'starts one of two runs that are started at once, and refuses the other in words',
    async () => {
      await withScene({ hold: 'fetch release' }, async (scene) => {
        const both = await Promise.all([scene.deploy('--detach'), scene.deploy('--detach')]);
        expect(both.map(({ code }) => code).sort()).toEqual([0, 2]);
        const { err } = both.find(({ code }) => code === 2)!;
        expect(err).toContain(
          `a deploy of ${scene.project.target} is running as workflow ${scene.project.workflowId}, and only one thing`,
        );
        expect((await scene.cli('rollback')).err).toContain(`a deploy of ${scene.project.target} is running`);
        await scene.release();
        expect(await faultsOf(scene, await scene.ended(60_000), 'new')).toEqual([]);
      });
    },
    120_000 * patience,
  );

  it.concurrent(
    'keeps out an alembic that is typed by hand while it migrates',
    async () => {
      await withScene({ hold: 'migrate: between two' }, async (scene) => {
        await scene.start();
        const byHand = alembicByHand(scene);
        await scene.queued();
        await scene.release();
        const { code, err } = await byHand;
        expect(code).not.toBe(0);
        expect(err).toContain('already exists');
        expect(await faultsOf(scene, await scene.ended(60_000), 'new')).toEqual([]);
      });
    },
    120_000 * patience,
  );

  it.concurrent(
    'says that its plan no longer holds when somebody has migrated by hand since',
    async () => {
      await withScene({ hold: 'back up' }, async (scene) => {
        await scene.start();
        const byHand = alembicByHand(scene);
        await scene.queued(); // for the locks of the backup
        await scene.release();
        expect(await byHand).toMatchObject({ code: 0 });
        const record = await scene.ended(60_000);
        expect(record.outcome).toBe('failed');
        const { out } = await scene.cli('report');
        expect(out).toMatch(/plan \w+ no longer holds\n +why .*0002_gifts/);
        expect(await leftOver(scene)).toEqual([]);
      });
    },
    120_000 * patience,
  );

  it.concurrent(
    'says who holds the lock on the database, and changes nothing',
    async () => {
      await withScene({}, async (scene) => {
        await withClient(scene.url, { applicationName: 'nightly job' }, async (client) => {
          await client.query('select pg_advisory_lock($1, $2)', [...changeLock]);
          const { code, out } = await scene.deploy();
          expect(code).toBe(1);
          expect(out).toMatch(/a change of this database is running: pid \d+ \(nightly job\)/);
          expect(out).toContain('The database is unchanged, the release is unchanged.');
        });
        expect(await faultsOf(scene, await scene.ended(1_000), 'old')).toEqual([]);
      });
    },
    120_000 * patience,
  );
});
