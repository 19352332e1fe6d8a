import fc from 'fast-check';
import { type Retained, retention, type RetentionPolicy, type Verdict } from './retention.js';

const at = (text: string): string => `2026-${text}:00.000Z`;
const now = Date.parse(at('06-30T12:00'));
const backup = (startedAt: string, rest: Partial<Retained> = {}): Retained => ({
  id: startedAt,
  startedAt: at(startedAt),
  proved: true,
  held: [],
  ...rest,
});

function verdicts(backups: readonly Retained[], policy: RetentionPolicy, when = now): readonly Verdict[] {
  const told = retention(backups, policy, { now: when });
  if ('refused' in told) throw new Error(told.refused);
  return told.verdicts;
}

const kept = (backups: readonly Retained[], policy: RetentionPolicy, when = now): string[] =>
  verdicts(backups, policy, when)
    .filter(({ reasons }) => reasons.length)
    .map(({ id }) => id);

describe('which are kept', () => {
  it('the last so many, and those of the last days', () => {
    const all = ['06-30T01:00', '06-29T01:00', '06-20T01:00', '06-01T01:00'].map((each) => backup(each));
    expect(kept(all, { last: 2 })).toEqual(['06-30T01:00', '06-29T01:00']);
    expect(kept(all, { days: 15 })).toEqual(['06-30T01:00', '06-29T01:00', '06-20T01:00']);
  });

  it('the newest of each day, week, month and year in UTC, with the reason', () => {
    const all = ['06-30T01:00', '06-29T23:59', '06-29T00:00', '06-28T23:59', '05-31T23:59', '05-01T00:00'];
    const told = verdicts(
      all.map((each) => backup(each)),
      { daily: 2, weekly: 2, monthly: 2, yearly: 1 },
    );
    expect(told.map(({ id, reasons }) => [id, reasons])).toEqual([
      ['06-30T01:00', ['the last proven', 'daily', 'weekly', 'monthly', 'yearly']],
      ['06-29T23:59', ['daily']],
      ['06-29T00:00', []],
      // A Sunday: the week before.
      ['06-28T23:59', ['weekly']],
      ['05-31T23:59', ['monthly']],
      ['05-01T00:00', []],
    ]);
  });

  it('an unproved one stands in the list, but never in the place of a proved one', () => {
    const all = [
      backup('06-30T02:00'),
      backup('06-20T03:00', { proved: false }),
      backup('06-20T02:00', { proved: false }),
      backup('06-20T01:00'),
    ];
    expect(kept(all, { daily: 2 })).toEqual(['06-30T02:00', '06-20T03:00', '06-20T01:00']);
  });

  it('all that are newer than the last proved one; all when none is', () => {
    const unproved = ['06-30T01:00', '06-29T01:00'].map((each) => backup(each, { proved: false }));
    expect(kept(unproved, { last: 1 })).toHaveLength(2);
    expect(kept([...unproved, backup('01-01T00:00'), backup('01-01T00:01')], { last: 1 })).toEqual([
      '06-30T01:00',
      '06-29T01:00',
      '01-01T00:01',
    ]);
  });

  it('those that are pinned or in use, in their words', () => {
    const all = [backup('06-30T01:00'), backup('01-01T00:00', { held: ['pinned by ann: before 2.0'] })];
    expect(verdicts(all, { last: 1 })[1]).toEqual({
      id: '01-01T00:00',
      reasons: ['pinned by ann: before 2.0'],
    });
  });
});

describe('it refuses', () => {
  it.each([
    ['a clock that is behind the newest backup', { now: Date.parse(at('06-29T00:00')) }, /before the newest/],
    ['a clock that jumped forward', { now, offMs: 3_600_001 }, /jumped by 60 minutes/],
    ['a clock that jumped back', { now, offMs: -7_200_000 }, /jumped by -120 minutes/],
  ])('%s', (_, clock, says) => {
    expect(retention([backup('06-30T01:00')], { last: 1 }, clock)).toEqual({
      refused: expect.stringMatching(says),
    });
  });

  it('a time that is none', () => {
    expect(retention([backup('06-30T01:00', { startedAt: 'yesterday' })], { last: 1 }, { now })).toEqual({
      refused: expect.stringContaining('yesterday'),
    });
  });
});

describe('whatever there is', () => {
  const span = 3 * 366 * 86_400_000;
  const backups = fc
    .array(
      fc.record({
        ago: fc.oneof(fc.integer({ min: 0, max: span }), fc.integer({ min: 0, max: 10 * 86_400_000 })),
        proved: fc.boolean(),
        held: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.constant(['in use'])),
      }),
      { maxLength: 40 },
    )
    .map((all) =>
      all.map(({ ago, ...rest }, i): Retained => ({
        id: `b${i}`,
        startedAt: new Date(now - ago).toISOString(),
        ...rest,
      })),
    );
  const number = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
  const policies = fc.record({
    last: number,
    days: number,
    daily: number,
    weekly: number,
    monthly: number,
    yearly: number,
  });
  const each = (holds: (all: Retained[], policy: RetentionPolicy) => void) =>
    fc.assert(fc.property(backups, policies, holds), { numRuns: 500 });
  const newestFirst = (all: readonly Retained[]) =>
    [...all].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));

  it('the last proved one, all newer ones, and those that are held stay', () =>
    each((all, policy) => {
      const stay = new Set(kept(all, policy));
      const lastProved = newestFirst(all).find(({ proved }) => proved);
      for (const { id, held, startedAt } of all)
        if (held.length || !lastProved || Date.parse(startedAt) > Date.parse(lastProved.startedAt))
          expect(stay).toContain(id);
      if (lastProved)
        expect(
          all.some(
            ({ id, proved, startedAt }) => proved && stay.has(id) && startedAt === lastProved.startedAt,
          ),
        ).toBe(true);
    }));

  it('there is one verdict on each, whatever order they come in', () =>
    each((all, policy) => {
      const told = verdicts(all, policy);
      expect(told.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
      expect(verdicts(all.toReversed(), policy)).toEqual(told);
    }));

  it('after it was done there is nothing more to do', () =>
    each((all, policy) => {
      const stay = new Set(kept(all, policy));
      const left = all.filter(({ id }) => stay.has(id));
      expect(kept(left, policy).sort()).toEqual([...stay].sort());
    }));

  it('a policy that asks for more keeps no less', () =>
    fc.assert(
      fc.property(backups, policies, policies, (all, less, add) => {
        const more = Object.fromEntries(
          Object.keys(less).map((key) => {
            const [a, b] = [less, add].map((each) => each[key as keyof RetentionPolicy] ?? 0);
            return [key, a! + b!];
          }),
        );
        expect(kept(all, more)).toEqual(expect.arrayContaining(kept(all, less)));
      }),
      { numRuns: 500 },
    ));

  it('the time zone of the host changes nothing', () =>
    each((all, policy) => {
      const zone = process.env['TZ'];
      try {
        const told = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns', 'Europe/Berlin'].map((TZ) => {
          process.env['TZ'] = TZ;
          return verdicts(all, policy);
        });
        for (const one of told) expect(one).toEqual(told[0]);
      } finally {
        if (zone === undefined) delete process.env['TZ'];
        else process.env['TZ'] = zone;
      }
    }));
});

it('claim 2: whatever fails for however long, from the first success on there is a proved backup', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ hours: fc.integer({ min: 1, max: 24 * 40 }), good: fc.boolean() }), {
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 3 }),
      (days, last) => {
        let time = Date.parse(at('01-01T00:00'));
        let all: Retained[] = [];
        let succeeded = false;
        for (const [i, { hours, good }] of days.entries()) {
          time += hours * 3_600_000;
          all.push({ id: `d${i}`, startedAt: new Date(time).toISOString(), proved: good, held: [] });
          succeeded ||= good;
          const stay = new Set(kept(all, { last }, time));
          all = all.filter(({ id }) => stay.has(id));
          if (succeeded) expect(all.some(({ proved }) => proved)).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  ));
