import type { Keepsake } from '../../domain/keepsake.js';
import type { Client } from '../postgres/client.js';
import { keyNames } from './columns.js';
import { namesOf, type KeptNames } from './names.js';
import { inTransaction } from '../postgres/transaction.js';
import { isThere } from '../postgres/is-there.js';

/**
 * Makes of the log one row a key: whether it was copied once more (`again`), is gone (`dead`), and in which columns it
 * was written to (`cols`). Keys that were changed are followed first. Harmless twice.
 */
export async function readLog(client: Client, { id, planned }: Keepsake): Promise<void> {
  const names = namesOf(id, planned.table);
  if (await isThere(client, names.touched)) return;
  const key = keyNames(planned);
  await inTransaction(client, async () => {
    await followKeys(client, names, planned.key.length);
    await client.query(`
      CREATE TABLE ${names.touched} AS SELECT ${key}, bool_or(op = 'c') AS again, bool_or(op = 'd') AS dead,
        coalesce(array_agg(DISTINCT col) FILTER (WHERE op = 'w'), '{}') AS cols
        FROM ${names.log} WHERE op <> 'm' GROUP BY ${key};
      ANALYZE ${names.touched};
      -- It is looked up by its key alone; when it was made, people waited for it.
      ANALYZE ${names.bulk} (${key})`);
  });
}

/** In the order in which it happened: a key that was given up may be another row's now. Rare, and so one by one. */
async function followKeys(client: Client, names: KeptNames, parts: number): Promise<void> {
  const { rows } = await client.query<{ some: boolean }>(
    `SELECT EXISTS (SELECT FROM ${names.log} WHERE op = 'm') AS some`,
  );
  if (!rows[0]!.some) return;
  const at = [...Array(parts).keys()];
  const key = at.map((n) => `k${n}`).join(', ');
  const same = (row: string) => at.map((n) => `k${n} = ${row}.k${n}`).join(' AND ');
  const moved = at.map((n) => `k${n} = e.n${n}`).join(', ');
  // First one table of the bulk and of what was copied again, then what happened to it.
  await client.query(`
    DELETE FROM ${names.bulk} b USING (SELECT DISTINCT ${key} FROM ${names.log} WHERE op = 'c') l WHERE ${at
      .map((n) => `b.k${n} = l.k${n}`)
      .join(' AND ')};
    INSERT INTO ${names.bulk} SELECT * FROM ${names.late};
    DELETE FROM ${names.late};
    DELETE FROM ${names.log} WHERE op = 'c';
    CREATE INDEX ON ${names.bulk} (${key});
    CREATE INDEX ON ${names.log} (${key});
    DO $keep$
    DECLARE e ${names.log}%ROWTYPE;
    BEGIN
      FOR e IN SELECT * FROM ${names.log} WHERE op IN ('d', 'm') ORDER BY seq LOOP
        IF e.op = 'd' THEN
          DELETE FROM ${names.bulk} WHERE ${same('e')};
          DELETE FROM ${names.log} WHERE ${same('e')} AND op = 'w' AND seq < e.seq;
        ELSE
          UPDATE ${names.bulk} SET ${moved} WHERE ${same('e')};
          UPDATE ${names.log} SET ${moved} WHERE ${same('e')} AND op = 'w' AND seq < e.seq;
        END IF;
      END LOOP;
      DELETE FROM ${names.log} WHERE op IN ('d', 'm');
    END $keep$`);
}
