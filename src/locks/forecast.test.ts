import { emptyRelation, emptySchema } from '../schema/empty.js';
import type { Effects, RelationEffect } from './effects.js';
import { forecastOf, waitOf } from './forecast.js';

const effect = (more: Partial<RelationEffect>): RelationEffect => ({
  name: 'orders',
  key: 'public.orders',
  kind: 'table',
  lock: 'ACCESS EXCLUSIVE',
  held: 'to commit',
  rewrites: false,
  scans: false,
  builds: 0,
  ...more,
});
const effects = (...relations: RelationEffect[]): Effects => ({
  ...{ shape: 'a shape', relations, needsNoTransaction: false, unsure: [] },
});

/** A database with `orders` of 1 GB and `items` of 5 GB. */
function schema(bytesPerSecond?: number) {
  const made = emptySchema(16);
  for (const [name, bytes] of [
    ['public.orders', 1e9],
    ['public.items', 5e9],
  ] as const)
    made.relations.set(name, { ...emptyRelation(name, 'table'), isNew: false, bytes });
  return bytesPerSecond === undefined ? made : { ...made, bytesPerSecond };
}

describe('how long others wait', () => {
  it('is as long as the transaction, where nothing is read or written', () => {
    expect(waitOf(effect({}), { bytes: 1e12 })).toEqual({
      ...{ relation: 'orders', lock: 'ACCESS EXCLUSIVE', blocks: 'reads and writes', work: undefined },
      ...{ seconds: [0, 0], diskBytes: 0, walBytes: 0 },
    });
  });

  it('grows with the table: reading it', () => {
    const wait = waitOf(effect({ scans: true, lock: 'SHARE ROW EXCLUSIVE' }), { bytes: 1e9 });
    expect(wait).toMatchObject({
      blocks: 'writes',
      work: 'scan',
      seconds: [2, 20],
      diskBytes: 0,
      walBytes: 0,
    });
  });

  it('and writing it anew, which needs its disk space again', () => {
    const wait = waitOf(effect({ scans: true, rewrites: true, builds: 3 }), { bytes: 1e9 });
    expect(wait).toMatchObject({ work: 'rewrite', seconds: [10, 100], diskBytes: 1e9, walBytes: 1e9 });
  });

  it('and each index that is built', () => {
    const wait = waitOf(effect({ scans: true, builds: 2, lock: 'SHARE' }), { bytes: 1e9 });
    expect(wait).toMatchObject({ work: 'build', seconds: [40, 400], diskBytes: 0.5e9, walBytes: 0.5e9 });
  });

  it('is told from what this server was seen to do, where that was measured', () => {
    expect(waitOf(effect({ rewrites: true }), { bytes: 1e9 }, 40e6)).toMatchObject({ seconds: [25, 25] });
  });

  it('is not known of a table whose size is not known', () => {
    expect(waitOf(effect({ scans: true }), {})).toBeUndefined();
  });
});

describe('the forecast of a statement', () => {
  it('adds up what is done to each relation, and says what it is told from', () => {
    const both = effects(
      effect({ scans: true }),
      effect({ name: 'items', key: 'public.items', scans: true }),
    );
    expect(forecastOf(both, schema())).toEqual({
      ...{ seconds: [12, 120], diskBytes: 0, walBytes: 0 },
      from: 'orders has 953.7 MiB, items has 4.7 GiB; assumed: read at 50 to 500 MB a second',
    });
    expect(forecastOf(both, schema(100e6))).toMatchObject({
      seconds: [60, 60],
      from: expect.stringMatching(/; this server was seen to do 100 MB a second$/),
    });
  });

  it('is none where nothing grows with a table, where no size is known, and of new tables', () => {
    expect(forecastOf(effects(effect({})), schema())).toBeUndefined();
    expect(forecastOf(effects(effect({ key: 'public.gone', scans: true })), schema())).toBeUndefined();
    const made = schema();
    for (const each of made.relations.values()) each.isNew = true;
    expect(forecastOf(effects(effect({ scans: true })), made)).toBeUndefined();
  });
});
