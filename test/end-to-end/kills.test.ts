import { instants, type Instant } from '../support/kills-project.js';
import { faultsOf } from '../support/kills-check.js';
import { Scene } from '../support/kills.js';

const undoOf = (instant: Instant) =>
  instant === 'put the schema back' || instant === 'put the release back' ? instant : undefined;

async function workerKilledAt(instant: Instant): Promise<string[]> {
  const undo = undoOf(instant);
  const scene = await Scene.make({ hold: instant, undo });
  try {
    await scene.start();
    await scene.replaceWorker();
    if (instant !== 'health') await scene.reached(90_000);
    await scene.release();
    const record = await scene.ended(90_000);
    return await faultsOf(scene, record, undo ? 'old' : 'new');
  } finally {
    await scene.close();
  }
}

describe('after kill -9 of the worker the run goes on by itself', () => {
  const only = process.env.ONLY;
  it.each(instants.filter((each) => !only || each === only))(
    'in the middle of: %s',
    async (instant) => {
      expect(await workerKilledAt(instant)).toEqual([]);
    },
    180_000,
  );
});
