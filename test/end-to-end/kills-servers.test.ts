import { setTimeout as sleep } from 'node:timers/promises';
import { faultsOf, type End } from '../support/kills-check.js';
import { instants, undoOf, type Instant } from '../support/kills-project.js';
import { sample, together, type Busy } from '../support/kills-sample.js';
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

const servers: Killed[] = (
  [
    { name: 'PostgreSQL', server: 'postgres', awayMs: 0, heldMs: 0, end: 'either' },
    { name: 'Temporal', server: 'temporal', awayMs: 3_000, heldMs: 0, end: 'new' },
    {
      name: 'Temporal for longer than a heartbeat time-out',
      server: 'temporal',
      awayMs: 32_000,
      heldMs: 12_000,
      end: 'new',
    },
  ] as Killed[]
).filter((each) => !process.env.ONLY || each.name.includes(process.env.ONLY));

const undoOf = (at: Instant) =>
  at === 'put the schema back' || at === 'put the release back' ? at : undefined;

/** All runs are held where they are, the server is killed and started again, and all are let go. */
async function killOnce(
  { server: name, awayMs, heldMs, end }: Killed,
  cases: readonly Instant[],
  busy: Busy,
) {
  const server = await OwnServer.start(name);
  try {
    const scenes = cases.map((hold) => busy(() => Scene.make({ hold, undo: undoOf(hold), server })));
    const held = await Promise.all(
      scenes.map(async (scene) => (await busy(async () => (await scene).start()), scene)),
    );
    await server.kill();
    await sleep(awayMs);
    await server.again();
    await sleep(heldMs);
    await Promise.all(held.map((scene) => scene.release()));
    return await Promise.all(held.map((scene) => endOf(scene, undoOf(scene.hold!) ? 'old' : end)));
  } finally {
    await server.close();
  }
}

async function endOf(scene: Scene, end: End): Promise<string[]> {
  try {
    return await faultsOf(scene, await scene.ended(60_000), end);
  } finally {
    await scene.close();
  }
}

const chosen = sample(instants, 4);
const results = together(servers, (each, busy) => killOnce(each, chosen, busy));
const cases = servers.flatMap(({ name }, which) => chosen.map((at, index) => ({ name, which, at, index })));

describe('after kill -9 of a server all runs go on by themselves, and end as old or as new', () => {
  it.each(cases)(
    '$name is killed: $at',
    async ({ which, index }) => {
      expect((await results(which))[index]).toEqual([]);
    },
    300_000,
  );
});
