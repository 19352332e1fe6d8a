import { SettingsHome } from '../../test/support/settings-home.js';
import { nextWindow } from './next-window.js';
import { assertInWindow, assertYoung, openingFor } from './plan-age.js';

let settings: SettingsHome;
beforeAll(async () => {
  settings = await SettingsHome.make({
    approval: { planAgeMinutes: 120 },
    windows: { high: ['Sat 22:00-23:00 Europe/Berlin'], 'very-high': ['Sun 03:00-04:00 Asia/Seoul'] },
  });
});
afterAll(() => settings.remove());

const target = () => settings.home.target('shop');
const at = (text: string) => Date.parse(text);
const told = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('a plan', () => {
  const madeAt = '2026-11-28T18:00:00Z';

  it('may run until it is as old as the target allows', () => {
    expect(() => assertYoung(target(), { madeAt }, at('2026-11-28T20:00:00Z'))).not.toThrow();
    expect(() => assertYoung(target(), { madeAt }, at('2026-11-28T20:05:00Z'))).toThrow(
      told('plan-too-old', /^the plan is 2 h 5 min old, and at most 2 h 0 min are allowed: /),
    );
  });

  it('of an older version, whose age nobody knows, may run', () => {
    expect(() => assertYoung(target(), {})).not.toThrow();
  });

  it('may wait for a window that opens in time', () => {
    const opens = openingFor(
      target(),
      'high',
      { madeAt: '2026-11-28T19:30:00Z' },
      at('2026-11-28T20:00:00Z'),
    );
    expect(new Date(opens).toISOString()).toBe('2026-11-28T21:00:00.000Z');
  });

  it('is told before people are asked that the next window opens too late', () => {
    expect(() => openingFor(target(), 'high', { madeAt }, at('2026-11-28T18:10:00Z'))).toThrow(
      told(
        'window-too-late',
        /shop may be changed opens at 2026-11-28 21:00 UTC, and the plan may run until 2026-11-28 20:00 UTC/,
      ),
    );
  });

  it('runs at once in an open window, and where there are none', () => {
    const inside = at('2026-11-28T21:30:00Z');
    expect(openingFor(target(), 'high', { madeAt }, inside)).toBe(inside);
    expect(openingFor(target(), 'low', { madeAt }, inside)).toBe(inside);
  });
});

it('a migration that was held up until its window is over does not begin', () => {
  const plan = { risk: 'high', gate: { hasWindow: true } } as const;
  const late = at('2026-11-28T22:00:30Z');
  expect(() => assertInWindow(target(), plan, at('2026-11-28T21:59:00Z'))).not.toThrow();
  expect(() => assertInWindow(target(), { ...plan, gate: { hasWindow: false } }, late)).not.toThrow();
  expect(() => assertInWindow(target(), plan, late)).toThrow(
    told('window-over', /is over; the next one opens at 2026-12-05 21:00 UTC: .* worker that was away/),
  );
});

describe('the wait for a window', () => {
  it('is none where there are none', async () => {
    const input = { target: 'shop', runId: 'r', risk: 'low' } as const;
    expect(await nextWindow(settings.home, input)).toEqual({ waitMs: 0, note: 'no windows are set' });
  });

  it('is refused when the plan will be too old by then', async () => {
    const madeAt = new Date(Date.now() - 8 * 24 * 3_600_000).toISOString();
    const input = { target: 'shop', runId: 'r', risk: 'high', madeAt } as const;
    await expect(nextWindow(settings.home, input)).rejects.toMatchObject({ code: 'window-too-late' });
  });
});
