import { Ahead } from './ahead.js';

const rendered = `BEGIN;

-- Running upgrade a -> b

LOCK TABLE t IN ACCESS EXCLUSIVE MODE;

ALTER TABLE t ADD COLUMN a int;

ALTER TABLE t ADD COLUMN a int;

UPDATE alembic_version SET version_num='b' WHERE alembic_version.version_num = 'a';

COMMIT;`;

it('knows by what was rendered what comes next, each text once', async () => {
  const ahead = new Ahead(new Map([['b', rendered]]));
  await ahead.revision('b');
  const again = 'ALTER TABLE t ADD COLUMN a int';
  expect(ahead.after(' LOCK TABLE t IN ACCESS EXCLUSIVE MODE; ').slice(0, 2)).toEqual([again, again]);
  expect(ahead.after(again)[0]).toBe(again);
  expect(ahead.after(again)[0]).toMatch(/^UPDATE alembic_version/);
  expect(ahead.after(again)).toEqual([]);
});

it.each([
  ['what is not in it', 'b', 'SELECT 1'],
  ['a revision that cannot be rendered', 'c', again()],
  ['one that is not known', 'd', again()],
])('knows nothing after %s', async (_, id, sql) => {
  const ahead = new Ahead(
    new Map([
      ['b', rendered],
      ['c', null],
    ]),
  );
  await ahead.revision(id);
  expect(ahead.after(sql)).toEqual([]);
});

function again(): string {
  return 'ALTER TABLE t ADD COLUMN a int';
}
