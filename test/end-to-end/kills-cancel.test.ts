import { faultsOf } from '../support/kills-check.js';
import { instants, failing, type Instant } from '../support/kills-project.js';
import { sample, together, whole, type Busy } from '../support/kills-sample.js';
import { Scene } from '../support/kills.js';

/** How `lockkeeper cancel` meets the run: its worker alive, or just killed. */
interface Case {
  at: Instant;
  worker: 'at work' | 'just killed';
}

async function cancelled({ at, worker }: Case, busy: Busy): Promise<string[]> {
  const scene = await busy(() => Scene.make({ hold: at, fails: failing(at) }));
  try {
    await busy(() => scene.start());
    if (worker === 'just killed') await scene.worker.kill();
    const { code } = await scene.cli('cancel');
    if (worker === 'just killed') await busy(() => scene.startWorker());
    // An undo is let come to its end; what is held in any other step must end by itself.
    if (failing(at)) await scene.release();
    const record = await scene.ended(90_000);
    return [
      ...(await faultsOf(scene, record, 'old')),
      ...(code === 0 ? [] : [`cancel ended with ${code}`]),
      ...(failing(at) || record.facts.some(({ kind }) => kind === 'cancelled')
        ? []
        : ['no fact says that it was cancelled']),
    ];
  } finally {
    await scene.close();
  }
}

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
    whole ? 900_000 : 240_000,
  );
});
