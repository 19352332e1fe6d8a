import { randomFrom } from '../../../test/support/random.js';
import { p95Of } from './latency.js';
import { fullPace, mostRows, nextPace, sleepAfter, type Pace } from './pace.js';

const at = (...ratios: number[]) => ratios.map((ratio) => ({ ratio, says: `at ${ratio}` }));
const seeds = Array.from({ length: 300 }, (_, seed) => seed);

it('holds at once above a limit, says which, and goes on at half the pace when it is well below', () => {
  const held = nextPace(fullPace, at(0.2, 1.3), 250);
  expect(held).toEqual({ share: 0.5, held: true, by: ['at 1.3'] });
  expect(nextPace(held, at(1.1), 250)).toEqual({ share: 0.5, held: true, by: ['at 1.1'] });
  expect(nextPace(held, at(0.95), 250)).toEqual(held);
  expect(nextPace(held, at(0.85), 250)).toEqual({ share: 0.5, held: false, by: [] });
  expect(nextPace(held, at(0.1), 250).share).toBeCloseTo(0.5125);
});

it('never leaves its bounds, never grows above a limit, and a worse sample never makes it faster', () => {
  for (const seed of seeds) {
    const random = randomFrom(seed);
    let pace: Pace = fullPace;
    for (let look = 0; look < 40; look += 1) {
      const ratio = random() * 2;
      const [next, worse] = [nextPace(pace, at(ratio), 250), nextPace(pace, at(ratio * (1 + random())), 250)];
      expect(next.share).toBeGreaterThanOrEqual(0.05);
      expect(next.share).toBeLessThanOrEqual(1);
      if (ratio > 1) expect([next.held, next.share <= pace.share]).toEqual([true, true]);
      expect(worse.share).toBeLessThanOrEqual(next.share);
      if (next.held) expect(worse.held).toBe(true);
      pace = next;
    }
    for (let look = 0; look < 90; look += 1) pace = nextPace(pace, [], 250);
    expect(pace).toEqual(fullPace);
  }
});

it('sleeps for what its share and people leave, and never longer than people wait', () => {
  expect(sleepAfter({ rows: 1_000, ms: 100 }, { share: 1 }, null)).toBe(0);
  expect(sleepAfter({ rows: 1_000, ms: 100 }, { share: 0.5 }, null)).toBe(100);
  expect(sleepAfter({ rows: 1_000, ms: 100 }, { share: 1 }, 2_000)).toBe(400);
  expect(sleepAfter({ rows: 1_000, ms: 5_000 }, { share: 0.05 }, null)).toBe(2_000);
  for (const rate of [1, 7, 5_000])
    expect(sleepAfter({ rows: mostRows(rate), ms: 1 }, { share: 1 }, rate)).toBeLessThanOrEqual(1_000);
});

it('p95 is the nearest rank', () => {
  expect(p95Of([])).toBeNull();
  expect(p95Of([7])).toBe(7);
  expect(p95Of(Array.from({ length: 100 }, (_, i) => 100 - i))).toBe(95);
});
