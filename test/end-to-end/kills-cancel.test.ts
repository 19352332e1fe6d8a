import { changeLock } from '../../src/adapters/postgres/advisory-lock.js';
import { withClient } from '../../src/adapters/postgres/client.js';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, leftOver } from '../support/kills-check.js';
import { instants, undoOf, type Instant } from '../support/kills-project.js';
import { sample, together, type Busy } from '../support/kills-sample.js';
import { Scene, type SceneOptions } from '../support/kills.js';

/** How `lockkeeper cancel` meets the run: its worker alive, or just killed. */
interface Case {
  at: Instant;
  worker: 'at work' | 'just killed';
}

async function withScene<T>(options: SceneOptions, busy: Busy, act: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = await busy(() => Scene.make(options));
  try {
    return await act(scene);
  } finally {
    await scene.close();
  }
}

const cancelled = ({ at, worker }: Case, busy: Busy) =>
  withScene({ hold: at, undo: undoOf(at) }, busy, async (scene) => {
    await busy(() => scene.start());
    if (worker === 'just killed') await scene.worker.kill();
    const { code } = await scene.cli('cancel');
    if (worker === 'just killed') await busy(() => scene.startWorker());
    // An undo is let come to its end; what is held in any other step must end by itself.
    if (undoOf(at)) await scene.release();
    const faults = await faultsOf(scene, await scene.ended(90_000), 'old');
    return code === 0 ? faults : [...faults, `cancel ended with ${code}`];
  });

const all: Case[] = [
  ...instants.map((at) => ({ at, worker: 'at work' as const })),
  ...instants.map((at) => ({ at, worker: 'just killed' as const })),
];

describe('a run that is cancelled ends as old, and leaves nothing', () => {
  const cases = sample(all, 6);
  const results = together(cases, cancelled);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    'in the middle of: $at, its worker $worker',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    240_000,
  );
});

/** Does at once, without a limit. */
const now: Busy = (work) => work();

describe('one thing changes a target at a time', () => {
  it('lets a worker that is told to stop finish its migration, and the next one goes on', async () => {
    await withScene({ hold: 'migrate: a statement' }, now, async (scene) => {
      await scene.start();
      const { child } = scene.worker;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await sleep(2_000);
      expect(child.exitCode).toBeNull();
      await scene.release();
      expect(await ended).toEqual([0, null]);
      expect(await scene.query('select version_num from alembic_version')).toEqual([{ version_num: '0002_gifts' }]);
      await scene.startWorker();
      const record = await scene.ended(60_000);
      expect(await faultsOf(scene, record, 'new')).toEqual([]);
      expect(record.facts.filter(({ kind }) => kind === 'settled')).toEqual([]);
    });
  }, 120_000);

  it('starts one of two runs that are started at once, and refuses the other in words', async () => {
    await withScene({ hold: 'fetch release' }, now, async (scene) => {
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
  }, 120_000);

  it('keeps out an alembic that is typed by hand while it migrates', async () => {
    await withScene({ hold: 'migrate: between two' }, now, async (scene) => {
      await scene.start();
      const byHand = scene.alembicByHand();
      await sleep(2_000);
      await scene.release();
      const { code, err } = await byHand;
      expect(code).not.toBe(0);
      expect(err).toContain('already exists');
      expect(await faultsOf(scene, await scene.ended(60_000), 'new')).toEqual([]);
    });
  }, 120_000);

  it('says that its plan no longer holds when somebody has migrated by hand since', async () => {
    await withScene({ hold: 'back up' }, now, async (scene) => {
      await scene.start();
      const byHand = scene.alembicByHand();
      await sleep(1_000); // it waits for the locks of the backup
      await scene.release();
      expect(await byHand).toMatchObject({ code: 0 });
      const record = await scene.ended(60_000);
      expect(record.outcome).toBe('failed');
      const { out } = await scene.cli('report');
      expect(out).toMatch(/plan \w+ no longer holds\n +why .*0002_gifts/);
      expect(await leftOver(scene)).toEqual([]);
    });
  }, 120_000);

  it('says who holds the lock on the database, and changes nothing', async () => {
    await withScene({}, now, async (scene) => {
      await withClient(scene.url, { applicationName: 'nightly job' }, async (client) => {
        await client.query('select pg_advisory_lock($1, $2)', [...changeLock]);
        const { code, out } = await scene.deploy();
        expect(code).toBe(1);
        expect(out).toMatch(/another run changes this database: pid \d+, application nightly job/);
        expect(out).toContain('The database is put back as it was, the release is unchanged.');
      });
      expect(await faultsOf(scene, await scene.ended(1_000), 'old')).toEqual([]);
    });
  }, 120_000);
});
