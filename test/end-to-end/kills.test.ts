import { faultsOf } from '../support/kills-check.js';
import { instants, undoOf, type Instant } from '../support/kills-project.js';
import { Scene, type SceneOptions } from '../support/kills.js';
import { sample, together } from '../support/kills-sample.js';

interface Case extends SceneOptions {
  victim: string;
  /** The moment, in words. */
  at: string;
  end: 'new' | 'old';
  /** What the record says of the answer that was lost. */
  settled?: 'old' | 'new';
  kill: (scene: Scene) => Promise<unknown>;
  /** Whether the step that was hit is begun again while the run is still held. */
  again: boolean;
}

const undoOf = (at: Instant) =>
  at === 'put the schema back' || at === 'put the release back' ? at : undefined;
const endOf = (at: Instant) => (undoOf(at) ? 'old' : 'new');
const inMigration = (at: Instant) => at.startsWith('migrate') || at === 'put the schema back';
/** An open transaction is rolled back: whatever was being done is as before it. */
const settledAt = (at: Instant) =>
  at.startsWith('migrate') ? 'old' : at === 'put the schema back' ? 'new' : undefined;

const held = (victim: string, kill: Case['kill'], at: readonly Instant[]): Case[] =>
  at.map((hold) => ({
    ...{ victim, at: hold, hold, undo: undoOf(hold), end: endOf(hold), again: hold !== 'health', kill },
    ...(inMigration(hold) ? { settled: settledAt(hold)! } : {}),
  }));

/** Killed by what it runs in, at the moment when it has said this and nobody has heard it. */
const unheard = (at: string, dieOn: string, settled: 'old' | 'new'): Case => ({
  ...{ victim: 'alembic', at, dieOn, settled, end: 'new', again: false },
  kill: () => Promise.resolve(),
});

const all: Case[] = [
  ...held('the worker', (scene) => scene.replaceWorker(), instants),
  ...held('alembic', (scene) => scene.kill(' -c '), [
    'check',
    'migrate: a statement',
    'migrate: between two',
    'put the schema back',
  ]),
  unheard('before the commit', '"ask": "commit"', 'old'),
  unheard('committed, but not answered', '"event": "done"', 'new'),
  ...held('pg_dump', (scene) => scene.kill('/pg_dump'), ['back up']),
];

async function faults(each: Case, busy: <T>(work: () => Promise<T>) => Promise<T>): Promise<string[]> {
  const scene = await busy(() => Scene.make(each));
  try {
    await busy(async () => {
      await scene.start();
      await each.kill(scene);
    });
    if (each.again) await scene.reached(90_000);
    await scene.release();
    const record = await scene.ended(120_000);
    const settled = record.facts.flatMap((fact) => (fact.kind === 'settled' ? [fact.found] : []));
    return [
      ...(await faultsOf(scene, record, each.end)),
      ...(settled.join() === (each.settled ?? '') ? [] : [`settled: ${settled.join()}`]),
    ];
  } finally {
    await scene.close();
  }
}

describe('after kill -9 the run goes on by itself, and ends as old or as new', () => {
  const cases = sample(all, 18);
  const results = together(cases, faults);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$victim is killed: $at',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    240_000,
  );
});
