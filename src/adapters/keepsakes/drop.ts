import { KEEPSAKES, type Keepsake } from '../../domain/keepsake.js';
import type { Client } from '../postgres/client.js';
import { type LockOptions, withTableLocked } from './lock.js';
import { movedTable, namesOf } from './names.js';
import { noTriggers } from './watching.js';
import { inTransaction } from '../postgres/transaction.js';

/**
 * Drops a keepsake with all that belongs to it. Harmless twice.
 *
 * @throws Problem `keepsake-locked`
 */
export async function dropKeepsake(client: Client, keepsake: Keepsake, options: LockOptions): Promise<void> {
  const { id, planned, state } = keepsake;
  const names = namesOf(id, planned.table);
  const drops =
    planned.how === 'moved'
      ? [`DROP TABLE IF EXISTS ${movedTable(keepsake)}`]
      : [
          `DROP TABLE IF EXISTS ${[names.bulk, names.late, names.log, names.touched].join(', ')}`,
          `DROP FUNCTION IF EXISTS ${names.watch}()`,
        ];
  const all = async () => {
    if (await isWatched(client, planned.table, names.trigger))
      await client.query(noTriggers(names, planned.table));
    for (const drop of drops) await client.query(drop);
    await client.query(`DELETE FROM ${KEEPSAKES}.keepsake WHERE id = $1`, [id]);
  };
  const watched = planned.how === 'copied' && state !== 'put back';
  if (watched && (await isWatched(client, planned.table, names.trigger)))
    await withTableLocked(client, planned.table, options, all);
  else await inTransaction(client, all);
}

/** The table may be gone, and its triggers with it. */
async function isWatched(client: Client, table: string, trigger: string): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(
    'SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass($1) AND tgname = $2) AS is',
    [table, trigger],
  );
  return rows[0]!.is;
}
