import { cases } from '../../../scripts/lock-matrix/cases/index.js';
import { compared, known } from '../../../scripts/lock-matrix/compare.js';
import { changedSince, readRecord } from '../../../scripts/lock-matrix/record.js';
import { measureAll } from '../../../scripts/lock-matrix/run.js';
import { programsAtHand, start } from '../../../scripts/lock-matrix/servers.js';
import type { Case } from '../../../scripts/lock-matrix/case.js';
import { testVenv } from '../../support/servers.js';
import { root } from '../../support/test-stack.js';

const SIZE = 60;
const seed = Number(process.env.LOCKKEEPER_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Some of all cases, others each time; the seed of a run that failed brings the same ones back. */
function sample(major: number): Case[] {
  let state = seed;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  return cases
    .filter(({ from, until }) => from <= major && major <= until)
    .map((one) => ({ one, at: next() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, SIZE)
    .map(({ one }) => one);
}

beforeAll(() => testVenv(), 300_000);

/** 18 is the server of our Python environment; 15 is Debian's, and not on every machine. */
it.each([15, 18])(
  `PostgreSQL %i locks what the model says, by its own catalog (seed ${seed})`,
  async (major) => {
    const bin = (await programsAtHand(root)).get(major);
    if (!bin && major === 15) return console.log('PostgreSQL 15 is not on this machine');
    const server = await start(root, bin ?? '');
    try {
      const outcomes = await measureAll(server, sample(major));
      expect(outcomes).toHaveLength(SIZE);
      const differing = outcomes.flatMap((each) => compared(each.id, each.measured, each.predicted) ?? []);
      expect(differing.filter(({ id }) => !known[id])).toEqual([]);
      const measured = Object.fromEntries(outcomes.map((each) => [each.id, each.measured]));
      expect(changedSince(readRecord(root, major), measured)).toEqual([]);
    } finally {
      await server.stop();
    }
  },
  300_000,
);
