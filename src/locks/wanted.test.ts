import { schemaFromSql } from '../schema/from-sql.js';
import { parse } from '../sql/parse.js';
import { conflictsWith, isStrong, stalls } from './conflicts.js';
import { strongest, wantedBy } from './wanted.js';

const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY);
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, total int);
  CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`;

async function wanted(sql: string) {
  const { schema } = await schemaFromSql(SCHEMA);
  return wantedBy(await parse(sql), schema, 16);
}

it.each([
  ['ALTER TABLE orders ADD COLUMN note text', ['public.orders ACCESS EXCLUSIVE']],
  ['CREATE INDEX ON orders (total)', ['public.orders SHARE']],
  ['CREATE INDEX CONCURRENTLY i ON orders (total)', ['public.orders SHARE UPDATE EXCLUSIVE']],
  ['CREATE TABLE notes (id int, "order" int REFERENCES orders)', ['public.orders SHARE ROW EXCLUSIVE']],
  [
    'ALTER TABLE events ADD COLUMN x int',
    ['public.events ACCESS EXCLUSIVE', 'public.events_1 ACCESS EXCLUSIVE'],
  ],
  ['CREATE TABLE alone (id int)', []],
  ['ALTER TABLE elsewhere.t ADD COLUMN x int', ['elsewhere.t ACCESS EXCLUSIVE']],
])('%s', async (sql, locks) => {
  const all = (await wanted(sql)).locks.map(({ name, lock }) => `${name} ${lock}`);
  expect(all.filter((each) => !each.includes('_pkey'))).toEqual(expect.arrayContaining(locks));
  if (!locks.length) expect(all).toEqual([]);
});

it('of what the transaction has made nothing is wanted', async () => {
  const { schema } = await schemaFromSql('CREATE TABLE made (id int)');
  for (const relation of schema.relations.values()) relation.isNew = true;
  expect(wantedBy(await parse('ALTER TABLE made ADD COLUMN x int'), schema).locks).toEqual([]);
});

it('tells what can be taken back by a savepoint, and what nobody can read', async () => {
  expect(await wanted('ALTER TABLE orders ADD COLUMN x int')).toMatchObject({ single: true, unknown: false });
  expect(await wanted('DROP TABLE orders; DROP TABLE events')).toMatchObject({ single: false });
  expect(await wanted('COMMIT')).toMatchObject({ single: false, unknown: false });
  expect(await wanted(`DO $$ BEGIN EXECUTE 'x'; END $$`)).toMatchObject({ single: true, unknown: true });
  expect(await wanted('ALTER TABEL orders')).toMatchObject({ single: false, unknown: true });
  expect(await wanted('UPDATE orders SET total = 1')).toMatchObject({ locksRows: true, locks: [] });
});

it('keeps of each relation the strongest lock', () => {
  const [share, exclusive] = [
    { name: 'a', lock: 'SHARE' },
    { name: 'a', lock: 'ACCESS EXCLUSIVE' },
  ] as const;
  expect(strongest([share, exclusive])).toEqual([exclusive]);
  expect(strongest([exclusive, share, { name: 'b', lock: 'SHARE' }])).toHaveLength(2);
});

it('has the table of conflicts of the manual', () => {
  expect(conflictsWith('ACCESS SHARE')).toEqual(['ACCESS EXCLUSIVE']);
  expect(conflictsWith('SHARE UPDATE EXCLUSIVE')).toContain('SHARE UPDATE EXCLUSIVE');
  expect(conflictsWith('SHARE')).not.toContain('SHARE');
  expect(conflictsWith('SHARE')).toContain('ROW EXCLUSIVE');
  expect(conflictsWith('SHARE ROW EXCLUSIVE')).toContain('SHARE ROW EXCLUSIVE');
  expect(conflictsWith('ACCESS EXCLUSIVE')).toHaveLength(8);
  // Whoever waits for another is waited for by that one.
  const modes = conflictsWith('ACCESS EXCLUSIVE');
  for (const a of modes)
    for (const b of modes) expect(conflictsWith(a).includes(b)).toBe(conflictsWith(b).includes(a));
  expect([isStrong('SHARE UPDATE EXCLUSIVE'), stalls('SHARE UPDATE EXCLUSIVE')]).toEqual([true, false]);
  expect([isStrong('ROW EXCLUSIVE'), stalls('SHARE')]).toEqual([false, true]);
});
