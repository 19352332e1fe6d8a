import { existsSync } from 'node:fs';
import { type Client, withClient } from '../../../src/adapters/postgres/client.js';
import { readCatalog } from '../../../src/adapters/postgres/catalog.js';
import { typeChange } from '../../../src/rules/type-change.js';
import { columnTypeOf } from '../../../src/schema/column-type.js';
import type { ColumnType, Schema } from '../../../src/schema/model.js';
import { addedColumn } from '../../../src/sql/ast.js';
import { parse } from '../../../src/sql/parse.js';
import { installedPostgres, type InstalledServer } from '../../support/installed-postgres.js';
import { freshDatabase, type TestDatabase } from '../../support/servers.js';

/** Types, each with the values that are hardest to keep. */
const samples: Record<string, string[]> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
  real: ['3.4028235e+38', '1.17549435e-38', '0.1'],
  'double precision': ['1.7976931348623157e+308', '0.1'],
  numeric: ['12345678901234567890123456789.0123456789'],
  'numeric(12,2)': ['9999999999.99'],
  'numeric(14,2)': ['999999999999.99'],
  'numeric(14,4)': ['9999999999.9999'],
  'numeric(5,0)': ['99999'],
  'numeric(21,1)': ['99999999999999999999.9'],
  text: [`'${'x'.repeat(300)}  '`],
  varchar: [`'${'x'.repeat(300)} '`],
  'varchar(10)': ["'0123456789'", "'a '"],
  'varchar(50)': [`'${'y'.repeat(50)}'`],
  'char(5)': ["'abcde'", "'ab'"],
  'char(10)': ["'0123456789'"],
  bool: ['true', 'false'],
  date: ["'0001-01-01'", "'9999-12-31'"],
  timestamp: ["'2026-05-05 01:02:03.456789'"],
  'timestamp(3)': ["'2026-05-05 01:02:03.456'"],
  timestamptz: ["'2026-05-05 01:02:03.456789+00'"],
  'timestamptz(0)': ["'2026-05-05 01:02:03+00'"],
  time: ["'01:02:03.456789'"],
  'time(2)': ["'01:02:03.45'"],
  timetz: ["'01:02:03.456789+02'"],
  interval: ["'1 year 2 mons 3 days 04:05:06.789123'"],
  'interval(2)': ["'1 year 04:05:06.78'"],
  'interval year to month': ["'1 year 2 mons'"],
  uuid: ["'11111111-2222-3333-4444-555555555555'"],
  inet: ["'10.0.0.1/8'"],
  cidr: ["'10.0.0.0/8'"],
  json: [`'{"a": 1}'`],
  jsonb: [`'{"a": 1}'`],
  'bit(5)': ["B'10101'"],
  'varbit(5)': ["B'101'"],
  'varbit(9)': ["B'101010101'"],
  bytea: ["'\\x00ff'"],
  mood: ["'ok'", "'fine'"],
  bigger: ["'ok'", "'fine'", "'more'"],
  plain: ["'x'"],
  small: ['9'],
  'integer[]': ["'{1,2147483647}'"],
  'bigint[]': ["'{9223372036854775807}'"],
  'varchar[]': ["'{v}'"],
  'text[]': [`'{${'z'.repeat(99)}}'`],
  'varchar(10)[]': ["'{0123456789}'"],
  'varchar(50)[]': [`'{${'w'.repeat(50)}}'`],
};

const types = `create type mood as enum ('ok', 'fine'); create type bigger as enum ('ok', 'fine', 'more');
  create domain plain as text; create domain small as integer check (value < 10);`;

async function typed(schema: Schema, type: string): Promise<ColumnType> {
  const [part] = await parse(`ALTER TABLE t ADD COLUMN c ${type}`);
  const added = part && 'node' in part ? addedColumn(part.node) : undefined;
  return columnTypeOf(schema, added?.column.typeName);
}

interface Real {
  rewritten: boolean;
  /** All values are what they were when they are converted back. */
  kept: boolean;
}

interface Table {
  name: string;
  type: string;
  node: string | undefined;
  values: string | undefined;
}

const nodeOf = async (client: Client, table: string) =>
  (
    await client.query<{ node: string }>(
      `select relfilenode::text as node from pg_class where oid = '${table}'::regclass`,
    )
  ).rows[0]?.node;
const valuesOf = async (client: Client, table: string, cast = '') =>
  (
    await client.query<{ all: string }>(
      `select string_agg((c${cast})::text, '|' order by ctid) as all from ${table}`,
    )
  ).rows[0]?.all;

/** Without USING: PostgreSQL may have no such cast, or refuse a value. */
async function tried(client: Client, table: Table, to: string): Promise<Real | 'refused' | 'no cast'> {
  const { name, type, node, values } = table;
  try {
    await client.query(`begin; alter table ${name} alter c type ${to}; savepoint back`);
    const rewritten = (await nodeOf(client, name)) !== node;
    const byText = await valuesOf(client, name, `::text::${type}`).catch(() => undefined);
    await client.query('rollback to back');
    const kept =
      byText === values || (await valuesOf(client, name, `::${type}`).catch(() => undefined)) === values;
    return { rewritten, kept };
  } catch (error) {
    return /^42(804|846)$/.test((error as { code?: string }).code ?? '') ? 'no cast' : 'refused';
  } finally {
    await client.query('rollback');
  }
}

/** What was said against what happened, where it was wrong. */
async function mistakes(database: TestDatabase, zone: string, names: readonly string[]): Promise<string[]> {
  return withClient(database.url, { applicationName: 'test' }, async (client) => {
    await client.query(types);
    await client.query(`set timezone = '${zone}'`);
    const tables: Table[] = [];
    for (const [at, type] of names.entries()) {
      const name = `t${at}`;
      const inserts = (samples[type] ?? []).map(
        (value) => `insert into ${name} values ((${value})::${type});`,
      );
      await client.query(`create table ${name} (c ${type}); ${inserts.join(' ')}`);
      tables.push({ name, type, node: await nodeOf(client, name), values: await valuesOf(client, name) });
    }
    const schema = { ...(await readCatalog(client)), timeZone: zone };
    const wrong: string[] = [];
    for (const table of tables)
      for (const to of names) {
        const said = typeChange(schema, await typed(schema, table.type), await typed(schema, to));
        const real = await tried(client, table, to);
        // A domain refuses what does not meet its condition, as a new CHECK would.
        if (real === 'no cast' || (real === 'refused' && to === 'small')) continue;
        const lossy = said !== 'may lose' && (real === 'refused' || !real.kept);
        const rewritten = real === 'refused' ? said !== 'free' : real.rewritten;
        if (lossy || (said === 'free') === rewritten)
          wrong.push(`${table.type} → ${to}: said ${said}, was ${JSON.stringify(real)}`);
      }
    return wrong;
  });
}

const INSTALLED = '/usr/lib/postgresql/15/bin';
let installed: InstalledServer | undefined;
beforeAll(async () => {
  if (existsSync(INSTALLED)) installed = await installedPostgres(INSTALLED);
});
afterAll(() => installed?.stop());

const all = Object.keys(samples);
const zoned = all.filter((type) => /time|date|text$/.test(type));

describe.each([
  ['UTC', all],
  ['Asia/Seoul', zoned],
])('changes of type, in the time zone %s, are what PostgreSQL makes of them', (zone, names) => {
  const check = async (database: TestDatabase) => {
    try {
      expect(await mistakes(database, zone, names)).toEqual([]);
    } finally {
      await database.drop();
    }
  };
  it('on version 18', async () => check(await freshDatabase()), 240_000);
  const itInstalled = existsSync(INSTALLED) ? it : it.skip;
  itInstalled(
    'on version 15',
    async () => {
      if (installed) await check(await installed.freshDatabase());
    },
    240_000,
  );
});
