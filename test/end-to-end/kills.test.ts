import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, type End } from '../support/kills-check.js';
import { instants, undoOf, type Instant } from '../support/kills-project.js';
import { Scene, type SceneOptions } from '../support/kills.js';
import { until } from '../support/project.js';
import { randomFrom, sample, seed, together, whole } from '../support/kills-sample.js';

interface Case extends SceneOptions {
  victim: string;
  /** The moment, in words. */
  at: string;
  end: End;
  /** What the record says of the answer that was lost. */
  settled?: 'old' | 'new' | 'any';
  kill: (scene: Scene) => Promise<unknown>;
  /** Whether the step that was hit is begun again while the run is still held. */
  again: boolean;
}

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

/** As the bridge's command line has it: its text is an argument. */
const BRIDGE = "Lockkeeper's only Python";

const random = randomFrom(seed);
const MOMENTS = 8;
/** About as long as a run takes when nobody holds it, in milliseconds. */
const RUN_MS = 7_000;

/** Whatever it is doing then. */
const atRandom = (victim: string, kill: Case['kill']): Case[] =>
  Array.from({ length: MOMENTS }, () => Math.round(random() * RUN_MS)).map((ms) => ({
    ...{ victim, at: `${ms} ms after its start`, end: 'either', settled: 'any', again: false },
    kill: async (scene) => {
      await sleep(ms);
      await kill(scene);
    },
  }));

/** It may have ended by then: that is an instant, too. */
const soon = (killed: () => Promise<boolean>) => until(killed, 3_000, 'a victim', 20).catch(() => undefined);

const all: Case[] = [
  ...atRandom('the worker', (scene) => scene.replaceWorker()),
  ...atRandom('alembic', (scene) => soon(async () => (await scene.kill(BRIDGE)) > 0)),
  ...atRandom('any tool', (scene) => scene.killTools()),
  ...held('the worker', (scene) => scene.replaceWorker(), instants),
  ...held('alembic', (scene) => scene.kill(BRIDGE), [
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
      ...(each.settled === 'any' || settled.join() === (each.settled ?? '')
        ? []
        : [`settled: ${settled.join()}`]),
    ];
  } finally {
    await scene.close();
  }
}

describe('after kill -9 the run goes on by itself, and ends as old or as new', () => {
  const cases = sample(all, 10);
  const results = together(cases, faults);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$victim is killed: $at',
    async ({ index }) => {
      expect(await results(index)).toEqual([]);
    },
    whole ? 900_000 : 240_000,
  );
});
