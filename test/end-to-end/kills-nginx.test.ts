import { existsSync } from 'node:fs';
import { faultsOf } from '../support/kills-check.js';
import type { Failing, Instant } from '../support/kills-project.js';
import { patience, sample, together, type Busy } from '../support/kills-sample.js';
import { Scene } from '../support/kills.js';
import { until } from '../support/project.js';

/** Kills nginx while the run is held there, and lets the run go on. */
async function deadSite({ hold, fails, act }: Case, busy: Busy): Promise<void> {
  const scene = await busy(() => Scene.make({ risk: 'very-high', hold, fails }));
  try {
    await busy(() => scene.start());
    await scene.closed!.site.kill();
    await scene.release();
    await act(scene);
  } finally {
    await scene.close();
  }
}

const inRepair = (scene: Scene): Promise<void> =>
  until(
    async () => (await scene.closed!.people.record().catch(() => null))?.outcome === 'repair',
    90_000,
    'the gate repair',
    500,
  );

interface Case {
  /** Ends the sentence "an nginx that is killed and stays dead …". */
  says: string;
  hold: Instant;
  fails?: Failing;
  act: (scene: Scene) => Promise<void>;
}

const all: Case[] = [
  {
    says: 'before the site is closed ends the run, which says so and has changed nothing',
    hold: 'marks',
    act: async (scene) => {
      const record = await scene.ended(90_000);
      expect((await scene.cli('report')).out).toMatch(
        /failed +maintenance on .*nothing answers at[^]*undone +maintenance off .*nothing closes the site/,
      );
      await scene.closed!.site.again();
      expect(await faultsOf(scene, record, 'old')).toEqual([]);
    },
  },
  {
    says: 'while all is put back leaves the site closed, and a person asked; then all goes on',
    hold: 'verify',
    fails: 'verify',
    act: async (scene) => {
      await inRepair(scene);
      const { out } = await scene.cli('status');
      expect(out).toMatch(/failed +maintenance off .*nothing answers at/);
      expect(out).toContain('The site is CLOSED. The database is put back as it was');
      await scene.closed!.site.again();
      expect((await scene.closed!.site.ask()).status).toBe(503);
      expect((await scene.cli('retry')).code).toBe(0);
      expect(await faultsOf(scene, await scene.ended(60_000), 'old')).toEqual([]);
    },
  },
  {
    says: 'behind the point of no return leaves the new release behind a closed site, until a person has it opened',
    hold: 'health',
    act: async (scene) => {
      await inRepair(scene);
      expect((await scene.cli('status')).out).toContain('The site is CLOSED. The database is changed');
      await scene.closed!.site.again();
      expect(existsSync(scene.closed!.site.flag)).toBe(true);
      expect((await scene.cli('retry')).code).toBe(0);
      expect(await faultsOf(scene, await scene.ended(60_000), 'new')).toEqual([]);
    },
  },
  {
    says: 'behind the point of no return, and a person ends the run so: record, flag and site say closed',
    hold: 'maintenance off',
    act: async (scene) => {
      await inRepair(scene);
      expect((await scene.cli('stop')).code).toBe(0);
      const record = await scene.ended(60_000);
      expect(record.outcome).toBe('needs operator');
      await scene.closed!.site.again();
      expect(await scene.closed!.faults(record, 'new', scene.query)).toEqual([]);
      const off = await scene.project.cli(['maintenance', 'off', scene.project.target, '--force']);
      expect(off.code).toBe(0);
      expect((await scene.closed!.site.ask()).status).toBe(200);
    },
  },
];

describe('an nginx that is killed and stays dead', () => {
  const cases = sample(all, 1);
  const results = together(cases, deadSite);
  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$says',
    ({ index }) => results(index),
    240_000 * patience,
  );
});
