import fc from 'fast-check';
import { Rater } from './rates.js';

const MIB = 1024 * 1024;

it('tells how much WAL is written a second, from the second look on', () => {
  const rater = new Rater();
  expect(rater.take({ walBytes: MIB, replayedBytes: null }, 0)).toEqual({
    walBytesPerSecond: null,
    lagMs: null,
  });
  expect(rater.take({ walBytes: 4 * MIB, replayedBytes: null }, 1_500)).toEqual({
    walBytesPerSecond: 2 * MIB,
    lagMs: null,
  });
});

it('knows nothing of a standby itself', () => {
  expect(new Rater().take({ walBytes: null, replayedBytes: null }, 0)).toEqual({
    walBytesPerSecond: null,
    lagMs: null,
  });
});

it('tells how long a standby has not replayed what was written, although it stopped', () => {
  const rater = new Rater();
  const lag = (walBytes: number, replayedBytes: number | null, at: number) =>
    rater.take({ walBytes, replayedBytes }, at).lagMs;
  expect(lag(100, 100, 0)).toBe(0);
  expect(lag(200, 100, 1_000)).toBe(0);
  expect(lag(300, 100, 2_000)).toBe(1_000);
  expect(lag(300, 100, 9_000)).toBe(8_000);
  expect(lag(300, 200, 10_000)).toBe(8_000);
  expect(lag(300, 300, 11_000)).toBe(0);
  expect(lag(400, null, 12_000)).toBeNull();
});

it('never tells of a lag that is longer than it has looked, or negative', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(100), fc.nat(5_000)), { maxLength: 30 }), (steps) => {
      const rater = new Rater();
      let [wal, replayed, at] = [0, 0, 0];
      for (const [written, share, ms] of steps) {
        wal += written;
        at += ms;
        replayed = Math.max(replayed, Math.floor((wal * share) / 100));
        const { lagMs } = rater.take({ walBytes: wal, replayedBytes: replayed }, at);
        expect(lagMs).toBeGreaterThanOrEqual(0);
        expect(lagMs).toBeLessThanOrEqual(at);
        if (replayed === wal) expect(lagMs).toBe(0);
      }
    }),
  );
});
