import { sample } from '../../support/kills-sample.js';
import { underLoad } from '../closure/site.js';
import { Swaps } from './swaps.js';

/** Debian's docker-compose, a real engine, a real nginx: 100 requests a second go on while releases change. */
describe('a release swapped under load', () => {
  let swaps: Swaps;
  beforeAll(async () => {
    swaps = await Swaps.open(['v1', 'v2', 'crashing']);
  }, 900_000);
  afterAll(() => swaps.close(), 60_000);

  it.each(['rolling', 'blue-green'] as const)(
    'by %s: nobody notices, neither the swap nor one that fails',
    async (way) => {
      const by = await swaps.configured(way);
      await swaps.start(by, 'v1', null);
      expect(await swaps.served()).toBe('v1');
      const seen: unknown[] = [];
      const answered = await underLoad(swaps.site, async () => {
        seen.push(await swaps.start(by, 'crashing', 'v1').catch((error: unknown) => error));
        seen.push(await swaps.served(), await swaps.start(by, 'v2', 'v1'), await swaps.served());
      });
      expect(seen).toEqual([
        expect.objectContaining({ code: 'container-failed' }),
        'v1',
        expect.stringMatching(/nginx was moved to 127\.0\.0\.1:\d+, \S+ ended after 1 s/),
        'v2',
      ]);
      expect(await swaps.containers(by)).toEqual(['running v2']);
      expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
      expect(answered.length).toBeGreaterThan(100);
      // Begun again after all is done, nothing is moved.
      expect(await swaps.start(by, 'v2', 'v1')).toContain('nginx sends to');
      await swaps.end();
    },
    300_000,
  );

  const moments = [300, 1_000, 2_000, 3_500, 5_000, 7_000];
  const cases = (['rolling', 'blue-green'] as const).flatMap((way) => moments.map((ms) => ({ way, ms })));
  it.each(sample(cases, 1))(
    'by $way, cut off after $ms ms, is gone on with by the next attempt',
    async ({ way, ms }) => {
      const by = await swaps.configured(way);
      await swaps.start(by, 'v1', null);
      const answered = await underLoad(swaps.site, async () => {
        await swaps.start(by, 'v2', 'v1', AbortSignal.timeout(ms)).catch(() => undefined);
        await swaps.start(by, 'v2', 'v1');
      });
      expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
      expect([await swaps.containers(by), await swaps.served()]).toEqual([['running v2'], 'v2']);
      await swaps.end();
    },
    300_000,
  );

  it('stays with what serves when nginx cannot be moved', async () => {
    const by = await swaps.configured('blue-green');
    await swaps.start(by, 'v1', null);
    const { headers } = await swaps.site.ask({ path: '/lockkeeper-peer' });
    const fixed = `set $lockkeeper_peer "${String(headers['x-lockkeeper-peer'])}";`;
    await swaps.site.serve(swaps.site.snippet(), fixed);
    await expect(swaps.start(by, 'v2', 'v1')).rejects.toMatchObject({ code: 'nginx-not-moved' });
    expect(await swaps.containers(by)).toEqual(['running v1']);
    expect(await swaps.served()).toBe('v1');
  }, 120_000);
});
