import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, type End } from './kills-check.js';
import { failing, type Instant, type Risk } from './kills-project.js';
import { seed, type Busy } from './kills-sample.js';
import { randomFrom } from './random.js';
import { Scene, type SceneOptions } from './kills.js';
import { until } from './project.js';

/** Something is killed in the middle of a run. */
export interface Case extends SceneOptions {
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

export const endOf = (at: Instant) => (failing(at) ? 'old' : 'new');
/** Nothing is at work there that could be killed, or the same one goes on. */
const isBegunAgain = (at: Instant) => !['health', 'approve', 'window'].includes(at);
const inMigration = (at: Instant) => at.startsWith('migrate') || at === 'put the schema back';
/** An open transaction is rolled back: whatever was being done is as before it. */
const settledAt = (at: Instant) =>
  at.startsWith('migrate') ? 'old' : at === 'put the schema back' ? 'new' : undefined;

/** Killed while the run is held, at each of these instants. */
export const held = (
  victim: string,
  kill: Case['kill'],
  at: readonly Instant[],
  risk: Risk = 'low',
): Case[] =>
  at.map((hold) => ({
    ...{
      victim,
      risk,
      at: hold,
      hold,
      fails: failing(hold),
      end: endOf(hold),
      again: isBegunAgain(hold),
      kill,
    },
    ...(inMigration(hold) ? { settled: settledAt(hold)! } : {}),
  }));

/** Killed by what it runs in, at the moment when it has said this and nobody has heard it. */
export const unheard = (at: string, dieOn: string, settled: 'old' | 'new'): Case => ({
  ...{ victim: 'alembic', at, dieOn, settled, end: 'new', again: false },
  kill: () => Promise.resolve(),
});

/** As the bridge's command line has it: its text is an argument. */
export const BRIDGE = "Lockkeeper's only Python";

const random = randomFrom(seed);
const MOMENTS = 8;
/** About as long as a run takes when nobody holds it, in milliseconds. */
const RUN_MS = { low: 7_000, 'very-high': 16_000 };

/** Whatever it is doing then. */
export const atRandom = (victim: string, kill: Case['kill'], risk: Risk = 'low'): Case[] =>
  Array.from({ length: MOMENTS }, () => Math.round(random() * RUN_MS[risk])).map((ms) => ({
    ...{ victim, risk, at: `${ms} ms after its start`, end: 'either', settled: 'any', again: false },
    kill: async (scene) => {
      await sleep(ms);
      await kill(scene);
    },
  }));

/** It may have ended by then: that is an instant, too. */
export const soon = (killed: () => Promise<boolean>) =>
  until(killed, 3_000, 'a victim', 20).catch(() => undefined);

/** What is wrong after it: nothing, when the run went on by itself and ended as it must. */
export async function faultsAfter(each: Case, busy: Busy): Promise<string[]> {
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
