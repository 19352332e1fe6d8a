import { faultsOf } from '../support/kills-check.js';
import { failing, places, type Instant, type Place } from '../support/kills-project.js';
import { patience, sample, together, type Busy } from '../support/kills-sample.js';
import { Scene } from '../support/kills.js';

/** How `lockkeeper cancel` meets the run: its worker alive, or just killed. */
interface Case extends Place {
  worker: 'at work' | 'just killed';
}

async function cancelled({ risk, at, worker }: Case, busy: Busy): Promise<string[]> {
  const scene = await busy(() => Scene.make({ risk, hold: at, fails: failing(at) }));
  try {
    await busy(() => scene.start());
    if (worker === 'just killed') await scene.worker.kill();
    const { code } = await scene.cli('cancel');
    if (worker === 'just killed') await busy(() => scene.startWorker());
    // An undo is let come to its end, and so is the last step; what is held in any other must end by itself.
    if (isFinal(at)) await scene.release();
    const record = await scene.ended(90_000);
    return [
      ...(await faultsOf(scene, record, at === 'maintenance off' ? 'new' : 'old')),
      ...(code === 0 ? [] : [`cancel ended with ${code}`]),
      ...(isFinal(at) || record.facts.some(({ kind }) => kind === 'cancelled')
        ? []
        : ['no fact says that it was cancelled']),
    ];
  } finally {
    await scene.close();
  }
}

/** Cancelling changes nothing any more: what is undone is undone, and the point of no return is passed. */
const isFinal = (at: Instant): boolean => failing(at) !== undefined || at === 'maintenance off';

const all: Case[] = places.flatMap((place) => [
  { ...place, worker: 'at work' as const },
  { ...place, worker: 'just killed' as const },
]);

describe('a run that is cancelled ends as old, and leaves nothing', () => {
  const cases = sample(all, 3);
  const results = together(cases, cancelled);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$risk risk, in the middle of: $at, its worker $worker',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    240_000 * patience,
  );
});
