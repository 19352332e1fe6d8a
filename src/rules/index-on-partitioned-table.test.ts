import { schemaFromSql } from '../schema/from-sql.js';
import { parse } from '../sql/parse.js';
import { check } from './check.js';
import rule from './index-on-partitioned-table.js';
import { testRule } from './testing.js';

testRule(rule, {
  finds: {
    'CONCURRENTLY on a new one, which fails as well': [
      rule.bad,
      'events is partitioned: CONCURRENTLY fails on it',
    ],
  },
  allows: {
    'a new one, in the ordinary way': rule.good,
    'a table of which nothing is known': 'CREATE INDEX CONCURRENTLY i ON events (at)',
  },
});

const ddl = `CREATE TABLE events (at date) PARTITION BY RANGE (at);
  CREATE TABLE events_1 PARTITION OF events DEFAULT;`;

async function found(sql: string) {
  const { schema } = await schemaFromSql(ddl, 16);
  const { findings } = check(await parse(sql), { file: 'x.sql', linesOfFile: true, postgres: 16 }, schema);
  return findings.map(({ rule: id, risk, fails, relations }) => [
    id,
    risk,
    fails ?? false,
    ...relations.map(({ name, lock }) => `${name} ${lock}`),
  ]);
}

it('locks every partition of one that is there', async () => {
  expect(await found('CREATE INDEX i ON events (at)')).toEqual([
    ['index-on-partitioned-table', 'medium', false, 'events SHARE', 'events_1 SHARE'],
  ]);
});

it('is gentle ON ONLY the parent', async () => {
  expect(await found('CREATE INDEX i ON ONLY events (at)')).toEqual([
    ['index-on-partitioned-table', 'low', false, 'events SHARE'],
  ]);
});

it('fails CONCURRENTLY', async () => {
  expect(await found('CREATE INDEX CONCURRENTLY i ON events (at)')).toEqual([
    ['index-on-partitioned-table', 'medium', true],
  ]);
});
