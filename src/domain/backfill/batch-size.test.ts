import { randomFrom } from '../../../test/support/random.js';
import { afterDone, afterFailed, afterTooLong, nextRows, type BatchSize } from './batch-size.js';

const limits = { targetMs: 100, least: 10, most: 50_000 };
const seeds = Array.from({ length: 200 }, (_, seed) => seed);

it.each([0.0005, 0.006, 0.05, 1, 8])(
  'finds the size that takes as long as it should, at %d ms a row',
  (msARow) => {
    let size: BatchSize = { rows: 1_000, suspect: 0 };
    for (let batch = 0; batch < 30; batch += 1)
      size = afterDone(size, { rows: size.rows, ms: 2 + size.rows * msARow }, limits);
    const wanted = Math.min(limits.most, Math.max(limits.least, 98 / msARow));
    expect(size.rows / wanted).toBeGreaterThan(0.95);
    expect(size.rows / wanted).toBeLessThan(1.05);
  },
);

it('stays within its limits, and never grows after a batch that took too long', () => {
  for (const seed of seeds) {
    const random = randomFrom(seed);
    let size: BatchSize = { rows: 1 + Math.floor(random() * 60_000), suspect: 0 };
    for (let batch = 0; batch < 20; batch += 1) {
      const ms = random() * 400;
      const next = afterDone(size, { rows: size.rows, ms }, limits);
      expect(next.rows).toBeGreaterThanOrEqual(limits.least);
      expect(next.rows).toBeLessThanOrEqual(limits.most);
      if (ms > limits.targetMs) expect(next.rows).toBeLessThanOrEqual(Math.max(size.rows, limits.least));
      size = next;
    }
  }
  expect(afterTooLong(1_000, limits)).toEqual({ rows: 500, suspect: 0 });
});

/** Walks through rows of which some are bad, as the filler does. */
function walk(rows: number, bad: ReadonlySet<number>, first: number) {
  let size: BatchSize = { rows: first, suspect: 0 };
  const [done, parked]: [number[], number[]] = [[], []];
  let batches = 0;
  for (let at = 0; at < rows; batches += 1) {
    const take = Math.min(nextRows(size), rows - at);
    const taken = Array.from({ length: take }, (_, index) => at + index);
    if (!taken.some((row) => bad.has(row))) {
      done.push(...taken);
      size = afterDone(size, { rows: take, ms: 100 }, limits);
    } else if (take > 1) {
      size = afterFailed(size, take);
      continue;
    } else {
      parked.push(at);
      size = { ...size, suspect: 0 };
    }
    at += take;
  }
  return { done, parked, batches };
}

it('splits batches down to the bad rows, and does every other row once, in few batches', () => {
  for (const seed of seeds) {
    const random = randomFrom(seed);
    const rows = 1 + Math.floor(random() * 5_000);
    const bad = new Set(Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() * rows)));
    const first = 1 + Math.floor(random() * 1_000);
    const { done, parked, batches } = walk(rows, bad, first);
    expect(parked).toEqual([...bad].sort((a, b) => a - b));
    expect(done).toHaveLength(rows - bad.size);
    expect(new Set(done).size).toBe(done.length);
    expect(batches).toBeLessThan(
      rows / Math.max(first, limits.least) + 2 + bad.size * 2 * (Math.log2(first + 1) + 2),
    );
  }
});
