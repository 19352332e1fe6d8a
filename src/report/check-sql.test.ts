import { judge } from '../sql-files/judge.js';
import { checkSqlText } from './check-sql.js';

const files = (texts: Record<string, string>) =>
  Promise.all(Object.entries(texts).map(([file, text]) => judge(file, { text }, {})));
const shown = async (texts: Record<string, string>) => checkSqlText(await files(texts));

it('tells each finding with its line, then how much was read and what that means', async () => {
  expect(
    await shown({
      'good.sql': 'ALTER TABLE orders ADD COLUMN note text;',
      'sql/bad.sql': 'SELECT 1;\nCREATE INDEX i ON orders (note);\n\\d orders\n',
    }),
  ).toMatchInlineSnapshot(`
    "good.sql   1 statement                                                                           low
           nothing to warn of

    sql/bad.sql   3 statements
           2: CREATE INDEX i ON orders (note)                                                     medium
             building i blocks writes to orders
             SHARE on orders: writes wait
             Instead: Build it CONCURRENTLY, in a revision of its own: it cannot run inside a
             transaction. [index-blocks-writes]
           3: \\d orders                                                                        very-high
             this could not be read as SQL: a command of psql, not SQL
             may lose data; may break the running release
             Instead: Mend the SQL so that PostgreSQL can read it; commands of psql have no place in a
             migration. [unreadable-sql]

    3 of 4 statements analysed in 2 files, findings: 1 very-high, 1 medium.
    A release with it takes the very-high-risk procedure: proven backup, two people approve, the site is
    closed. Only a restore brings back what is lost."
  `);
});

it('tells a clean file in four lines, standard input by name', async () => {
  expect(await shown({ '-': 'ALTER TABLE orders ADD COLUMN note text;' })).toMatchInlineSnapshot(`
    "standard input   1 statement                                                                     low
           nothing to warn of

    1 of 1 statement analysed, nothing found.
    A release with it takes the low-risk procedure: online and automatic, a backup with --backup."
  `);
  expect(await shown({ 'empty.sql': '-- nothing' })).toMatchInlineSnapshot(`
    "empty.sql   0 statements                                                                         low
           nothing to warn of

    There is no statement."
  `);
});

it('groups many findings by rule, so that all of it fits one screen', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [
      `migrations/${i}.sql`,
      `CREATE INDEX i ON orders (note);\nDROP TABLE t${i};\nALTER TABLE a DROP COLUMN ${'long_'.repeat(12)}${i};`,
    ]),
  );
  const text = await shown(many);
  expect(text.split('\n').length).toBeLessThanOrEqual(40);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text).toMatchInlineSnapshot(`
    "50 files: the findings by rule

      table-dropped: 50 times                                                                  very-high
        such as: dropping t0 removes all rows for good
        migrations/0.sql:2, migrations/1.sql:2, migrations/2.sql:2, migrations/3.sql:2 and 46 more
        Instead: Release code that no longer uses the table, then rename it, and drop it some releases…
      column-dropped: 50 times                                                                 very-high
        such as: dropping a.long_long_long_long_long_long_long_long_long_long_long_long_0 removes its v…
        migrations/0.sql:3, migrations/1.sql:3, migrations/2.sql:3, migrations/3.sql:3 and 46 more
        Instead: Release code that no longer uses the column first, and drop it in a later release.
      index-blocks-writes: 50 times                                                               medium
        such as: building i blocks writes to orders
        migrations/0.sql:1, migrations/1.sql:1, migrations/2.sql:1, migrations/3.sql:1 and 46 more
        Instead: Build it CONCURRENTLY, in a revision of its own: it cannot run inside a transaction.

    150 of 150 statements analysed in 50 files, findings: 100 very-high, 50 medium.
    A release with it takes the very-high-risk procedure: proven backup, two people approve, the site is
    closed. Only a restore brings back what is lost.

    Each finding: --format json. A rule in full: lockkeeper check --explain RULE"
  `);
});
