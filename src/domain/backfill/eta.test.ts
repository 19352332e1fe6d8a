import { randomFrom } from '../../../test/support/random.js';
import { etaOf, etaText, rateOf } from './eta.js';

const stretches = (count: number, rows: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({ rows: rows(index), ms: 1_000 }));

it('of nothing there is none, of little it is unsure, of an even pace it is sure', () => {
  expect(etaOf([], 100)).toBeNull();
  expect(etaOf([{ rows: 0, ms: 60_000 }], 100)).toBeNull();
  expect(
    etaOf(
      stretches(1, () => 100),
      1_000,
    ),
  ).toEqual({ ms: 10_000, leastMs: 5_000, mostMs: 20_000, confidence: 'low' });
  expect(
    etaOf(
      stretches(5, () => 100),
      1_000,
    ),
  ).toEqual({ ms: 10_000, leastMs: 10_000, mostMs: 10_000, confidence: 'high' });
  expect(
    etaOf(
      stretches(6, (index) => (index % 2 ? 150 : 50)),
      1_000,
    )?.confidence,
  ).toBe('low');
  expect(rateOf(stretches(3, () => 100))).toBe(100);
  expect(
    etaText(
      etaOf(
        stretches(5, () => 100),
        1_000,
      )!,
    ),
  ).toBe('about 10.0 s (10.0 s to 10.0 s, high confidence)');
});

it('lies within its own bounds, and of four in five paces that vary the truth does, too', () => {
  let within = 0;
  for (let seed = 0; seed < 500; seed += 1) {
    const random = randomFrom(seed);
    const pace = () => 100 * (0.6 + 0.8 * random());
    const eta = etaOf(stretches(8, pace), 2_000)!;
    expect(eta.leastMs).toBeLessThanOrEqual(eta.ms);
    expect(eta.mostMs).toBeGreaterThanOrEqual(eta.ms);
    let [left, ms] = [2_000, 0];
    for (; left > 0; ms += 1_000) left -= pace();
    if (ms >= eta.leastMs && ms <= eta.mostMs) within += 1;
  }
  expect(within).toBeGreaterThan(400);
});
