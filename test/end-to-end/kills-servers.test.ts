import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, type End } from '../support/kills-check.js';
import { failing, places, type Place } from '../support/kills-project.js';
import { patience, sample, together, type Busy } from '../support/kills-sample.js';
import { OwnServer } from '../support/kills-servers.js';
import { Scene } from '../support/kills.js';

interface Killed {
  name: string;
  server: 'postgres' | 'temporal';
  /** How long it is away, in milliseconds. */
  awayMs: number;
  /** How long whatever is held stays so after that: long enough for a second attempt to come. */
  heldMs: number;
  end: End;
}

const servers: Killed[] = [
  { name: 'PostgreSQL', server: 'postgres', awayMs: 0, heldMs: 0, end: 'either' },
  { name: 'Temporal', server: 'temporal', awayMs: 3_000, heldMs: 0, end: 'new' },
  {
    name: 'Temporal for longer than a heartbeat time-out',
    server: 'temporal',
    awayMs: 32_000,
    heldMs: 12_000,
    end: 'new',
  },
];

/** All runs are held where they are, the server is killed and started again, and all are let go. */
async function killOnce(
  { server: name, awayMs, heldMs, end }: Killed,
  at: readonly Place[],
  busy: Busy,
): Promise<string[][]> {
  const server = await OwnServer.start(name);
  const scenes: Scene[] = [];
  try {
    await Promise.all(
      at.map(({ risk, at: hold }, index) =>
        busy(async () => {
          const scene = await Scene.make({ risk, hold, fails: failing(hold), server });
          scenes[index] = scene;
          await scene.start();
        }),
      ),
    );
    await server.kill();
    await sleep(awayMs);
    await server.again();
    await sleep(heldMs);
    await Promise.all(scenes.map((scene) => scene.release()));
    const ends = at.map((place, index) => endOf(scenes[index]!, failing(place.at) ? 'old' : end));
    return await Promise.all(ends);
  } finally {
    await Promise.all(scenes.map((scene) => scene.close()));
    await server.close();
  }
}

const endOf = async (scene: Scene, end: End): Promise<string[]> => {
  try {
    return await faultsOf(scene, await scene.ended(90_000), end);
  } catch (error) {
    return [(error as Error).message];
  }
};

/** Runs that one server bears: more would starve, and what is measured in seconds would fail for that alone. */
const RUNS = 4;

const chosen = sample(places, 2);
const groups = Array.from({ length: Math.ceil(chosen.length / RUNS) }, (_, at) =>
  chosen.slice(at * RUNS, (at + 1) * RUNS),
);
const killed = sample(servers, 1).flatMap((server) => groups.map((at) => ({ server, at })));
const results = together(killed, ({ server, at }, busy) => killOnce(server, at, busy), 1);
const cases = killed.flatMap(({ server: { name }, at }, which) =>
  at.map((place, index) => ({ ...place, name, which, index })),
);

describe('after kill -9 of a server all runs go on by themselves, and end as old or as new', () => {
  it.each(cases)(
    '$name is killed: $risk risk, $at',
    async ({ which, index }) => {
      expect((await results(which))[index]).toEqual([]);
    },
    300_000 * patience,
  );
});
