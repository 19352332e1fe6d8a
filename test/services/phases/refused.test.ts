import pg from 'pg';
import type { Target } from '../../../src/activities/home.js';
import { assertExpressions, askDatabase } from '../../../src/activities/phases-facts.js';
import type { Problem } from '../../../src/domain/problem.js';
import { expressionsOf } from '../../../src/phases/expressions.js';
import { scaffold } from '../../../src/phases/intents.js';
import type { Intent, Wanted } from '../../../src/phases/wanted.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';
import { work } from './migrating.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(SCHEMA);
  await client.end();
});
afterAll(() => database.drop());

const SCHEMA = `
  CREATE TABLE plain (id int PRIMARY KEY, note text, "order" int, "Ünit" text, made text GENERATED ALWAYS AS ('x' || id) STORED);
  CREATE TABLE keyless (note text);
  CREATE TABLE parted (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE part PARTITION OF parted DEFAULT;
  CREATE TABLE above (id int PRIMARY KEY, note text);
  CREATE TABLE below () INHERITS (above);
  CREATE TABLE sent (id int PRIMARY KEY, note text);
  CREATE PUBLICATION subscribers FOR TABLE sent;
  CREATE TABLE touched (id int PRIMARY KEY, note text);
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.note := upper(NEW.note); RETURN NEW; END$$;
  CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON touched FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TABLE named (id int PRIMARY KEY, note text);
  CREATE TRIGGER listens AFTER UPDATE OF note ON named FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TABLE seen (id int PRIMARY KEY, note text);
  CREATE VIEW shown AS SELECT note FROM seen;
  CREATE TABLE derived (id int PRIMARY KEY, note text, loud text GENERATED ALWAYS AS (upper(note)) STORED);
  CREATE TABLE ranged (id int PRIMARY KEY, note int4range, EXCLUDE USING gist (note WITH &&));
  CREATE TABLE numbered (id int PRIMARY KEY, note int GENERATED ALWAYS AS IDENTITY);
  CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
  CREATE TABLE kept (id int PRIMARY KEY, note int UNIQUE);
  CREATE TABLE refers (id int PRIMARY KEY, kept int REFERENCES kept (note));`;

async function written(intent: Intent, wanted: Partial<Wanted>) {
  const target = { name: 'shop', url: () => database.url } as Target;
  const whole = { table: 'plain', columns: ['note'], into: {}, set: {}, back: {}, by: [], ...wanted };
  const { facts, wanted: asked } = await askDatabase(target, whole, work);
  const made = scaffold(intent, facts, 'the-change', asked);
  await assertExpressions(target, expressionsOf(intent, facts, asked), work);
  return made;
}

const parted = (back: Record<string, string>) => ({
  ...{ into: { start: 'text', rest: 'text' }, set: { start: 'left(note, 1)', rest: 'substr(note, 2)' } },
  back,
});
const to = { to: 'remark' };
const refusals: [code: string, Intent, Partial<Wanted>, says: RegExp][] = [
  ['no-such-table', 'rename-column', { table: 'nothing', ...to }, /no table nothing/],
  ['no-such-column', 'rename-column', { columns: ['nota'], ...to }, /plain has no column nota/],
  ['no-such-type', 'change-type', { type: 'bigin' }, /no type bigin/],
  ['no-such-type', 'change-type', { type: 'numeric(' }, /no type numeric\(/],
  [
    'expression-refused',
    'check',
    { expression: 'nota > 0', name: 'good' },
    /not take --expression "nota > 0"/,
  ],
  ['expression-refused', 'not-null', { set: { note: '1 +' } }, /not take --set "note=1 \+"/],
  ['expression-refused', 'change-type', { columns: ['order'], type: 'jsonb' }, /not take --set/],
  ['expression-refused', 'split-column', parted({ note: 'start || nota' }), /not take --back "note=start/],
  ['column-exists', 'rename-column', { to: 'order' }, /has a column "order" already/],
  ['primary-key-needed', 'rename-column', { table: 'keyless', ...to }, /the backfill walks by it/],
  ['not-a-plain-table', 'rename-column', { table: 'parted', ...to }, /parted is partitioned/],
  ['not-a-plain-table', 'add-index', { table: 'part' }, /part is a partition/],
  ['not-a-plain-table', 'not-null', { table: 'above' }, /above is inherited from/],
  ['not-a-plain-table', 'unique', { table: 'below' }, /below is a child/],
  ['not-a-plain-table', 'unique', { table: 'shown' }, /shown is no table/],
  ['column-does-not-fit', 'rename-column', { columns: ['made'], ...to }, /plain.made is generated/],
  ['column-does-not-fit', 'drop-column', { columns: ['made'] }, /plain.made is generated/],
  ['column-does-not-fit', 'rename-column', { table: 'ranged', ...to }, /exclusion constraint/],
  ['column-does-not-fit', 'rename-column', { table: 'numbered', ...to }, /is an identity column/],
  ['column-does-not-fit', 'change-type', { table: 'pairs', columns: ['a'], type: 'int8' }, /several columns/],
  ['table-published', 'rename-column', { table: 'sent', ...to }, /publication subscribers/],
  ['column-is-used', 'rename-column', { table: 'touched', ...to }, /the trigger shout/],
  ['column-is-used', 'rename-column', { table: 'named', ...to }, /trigger listens/],
  ['column-is-used', 'drop-column', { table: 'seen' }, /view shown/],
  ['column-is-used', 'change-type', { table: 'derived', type: 'varchar' }, /derived.note is used by .*loud/],
  ['column-is-used', 'rename-column', { table: 'kept', ...to }, /foreign key refers_kept_fkey of refers/],
  ['not-a-plain-table', 'drop-table', { table: 'kept' }, /referred to by refers_kept_fkey of refers/],
];

it.each(refusals)('%s: %s %j', async (code, intent, wanted, says) => {
  const problem = await written(intent, wanted).then(
    () => undefined,
    (error: unknown) => error as Problem,
  );
  expect([problem?.code, problem?.told.what]).toEqual([code, expect.stringMatching(says)]);
});

it('takes a published table where the subscribers are said to have the columns', async () =>
  expect((await written('rename-column', { table: 'sent', published: true, ...to })).revisions).not.toEqual(
    [],
  ));

it('quotes what PostgreSQL reserves, and names that need it; a backfill has them as the catalog does', async () => {
  const { revisions, fill } = await written('rename-column', { columns: ['"Ünit"'], to: 'user' });
  expect(revisions[0]?.up[0]?.sql).toBe('ALTER TABLE plain ADD COLUMN "user" text');
  expect(fill[0]?.set).toEqual({ user: '"Ünit"' });
  const { revisions: typed } = await written('change-type', { columns: ['order'], type: 'int8' });
  expect(typed[0]?.up[0]?.sql).toBe('ALTER TABLE plain ADD COLUMN order_new bigint');
});

it('takes expressions that PostgreSQL can plan', async () => {
  const { revisions } = await written('split-column', parted({ note: 'start || rest' }));
  expect(revisions.map(({ phase }) => phase)).toEqual(['expand', 'contract', 'contract']);
});
