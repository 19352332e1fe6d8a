import { isDeepStrictEqual } from 'node:util';
import type { Keepsake, PlannedKeepsake } from '../../domain/keepsake.js';
import { keepsakeMoved } from '../../domain/problems/keepsakes.js';
import { identifier } from '../../domain/sql-name.js';
import type { Client } from '../postgres/client.js';
import { keyColumns, keyNames, valueColumns } from './columns.js';
import { keepableTables } from './keepable.js';
import { copyBulk, selected, type CopyOptions } from './bulk.js';
import { refused, withTableLocked } from './lock.js';
import { namesOf } from './names.js';
import { keepsakesIn, makeSchema, note, set, type NewKeepsake } from './registry.js';
import { capturing, following, noTriggers, triggers } from './watching.js';

/**
 * Keeps what a plan takes from one table, but for what changes from now on: copies it in batches, each a transaction
 * of its own, while triggers write down what changes. Nobody waits for longer than an attempt. Of a table that is to
 * be moved there is nothing to copy.
 *
 * Probe: what is copied already stays. Act. Confirm: the keepsake is `copied`.
 *
 * @throws Problem `keepsake-moved`, `keepsake-locked`, `cannot-keep`
 */
export async function keep(
  client: Client,
  made: Omit<NewKeepsake, 'state'>,
  options: CopyOptions,
): Promise<void> {
  const { id, planned } = made;
  try {
    await makeSchema(client);
    const [there] = await keepsakesIn(client, { id });
    if (there && there.runId !== made.runId)
      throw keepsakeMoved(planned.table, `the keepsake ${id} is one of the run ${there.runId}`);
    if (there && there.state !== 'copying') return;
    if (planned.how === 'moved') return await expectMoved(client, made);
    if (!there) await begin(client, made, options);
    await copyBulk(client, id, planned, options);
  } catch (error) {
    throw refused(planned.table, error);
  }
}

/** The role that migrates must be able to put the table here: it owns the table. */
async function expectMoved(client: Client, made: Omit<NewKeepsake, 'state'>): Promise<void> {
  await assertAsPlanned(client, made.planned);
  const { rows } = await client.query<{ owner: string }>(
    'SELECT quote_ident(pg_get_userbyid(relowner)) AS owner FROM pg_class WHERE oid = $1::regclass',
    [made.planned.table],
  );
  await client.query(`GRANT USAGE, CREATE ON SCHEMA lockkeeper_keep TO ${rows[0]!.owner}`);
  await note(client, { ...made, state: 'copied' });
}

async function begin(client: Client, made: Omit<NewKeepsake, 'state'>, options: CopyOptions): Promise<void> {
  const { id, planned } = made;
  const names = namesOf(id, planned.table);
  await assertAsPlanned(client, planned);
  options.progress(`keepsake of ${planned.table}: waiting for a moment to watch it`);
  await withTableLocked(client, planned.table, options, async () => {
    const values = `${keyColumns(planned, 'k')}${valueColumns(planned)}`;
    await client.query(`
      CREATE TABLE ${names.bulk} (${values});
      CREATE TABLE ${names.late} (${values});
      CREATE TABLE ${names.log} (seq bigint GENERATED ALWAYS AS IDENTITY, op "char" NOT NULL, col int,
        ${keyColumns(planned, 'k')}, ${keyColumns(planned, 'n')});
      ${capturing(names, planned)};
      ${triggers(names, planned, true)}`);
    await note(client, { ...made, state: 'copying' });
  });
}

async function assertAsPlanned(client: Client, planned: PlannedKeepsake): Promise<void> {
  const [table] = await keepableTables(client, [planned.table]);
  if (!table) throw keepsakeMoved(planned.table, 'it is gone');
  if (planned.how === 'copied' && !isDeepStrictEqual(table.key, planned.key))
    throw keepsakeMoved(planned.table, 'its primary key is another one');
  const gone = planned.columns.find(
    ({ name, type }) => !table.columns.some((each) => each.name === name && each.type === type),
  );
  if (gone) throw keepsakeMoved(planned.table, `its column ${gone.name} is gone or of another type`);
}

/**
 * The rest, while nobody writes: rows that changed since the bulk was copied. From here on the triggers write down
 * what happens to the rows whose values are kept. One transaction.
 *
 * @throws Problem `keepsake-locked`
 */
export async function keepRest(
  client: Client,
  { id, planned, state }: Keepsake,
  options: CopyOptions,
): Promise<void> {
  if (state !== 'copied') return;
  if (planned.how === 'moved') return set(client, id, { state: 'complete' });
  const names = namesOf(id, planned.table);
  const key = keyNames(planned);
  const same = planned.key.map(
    (column, at) => `t.${identifier(column.name)}${column.builtIn ? '' : '::text'} = l.k${at}`,
  );
  await withTableLocked(client, planned.table, options, async () => {
    await client.query('SET LOCAL lock_timeout = 0'); // nobody writes any more
    await client.query(`
      INSERT INTO ${names.late} SELECT ${selected(planned)}
        FROM (SELECT DISTINCT ${key} FROM ${names.log}) l JOIN ${planned.table} t ON ${same.join(' AND ')};
      ${noTriggers(names, planned.table)};
      ${following(id, names, planned)};
      ${triggers(names, planned, planned.rows)}`);
    await set(client, id, { state: 'complete' });
  });
}
