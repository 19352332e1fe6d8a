import type { BackfillDefinition } from '../../domain/backfill/definition.js';
import { backfillExpression } from '../../domain/problems/backfill.js';
import { schemaLocked } from '../../domain/problems/database.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { backfillSql } from './sql.js';
import { keyedTable, type KeyedTable } from './table.js';

/** Whoever has the whole table for longer than this is waited for by the next attempt. */
const LOOK_MS = 5_000;

/**
 * The table of a backfill, for which PostgreSQL takes its statements: it plans them, and does not run them.
 *
 * @throws what `keyedTable` throws; Problem `backfill-expression`, `schema-locked` (retried)
 */
export async function fittingTable(client: Client, definition: BackfillDefinition): Promise<KeyedTable> {
  await client.query(`SET lock_timeout = ${LOOK_MS}`);
  try {
    const table = await keyedTable(client, definition);
    await assertTaken(client, definition, table);
    return table;
  } catch (error) {
    throw codeOf(error) === '55P03' ? schemaLocked(LOOK_MS, (error as Error).message) : error;
  }
}

/** What is refused here is wrong for every row. */
const WRONG = /^(0A|21|22|42)/;

async function assertTaken(client: Client, definition: BackfillDefinition, table: KeyedTable): Promise<void> {
  const sql = backfillSql(client, table, definition, 'SELECT NULL::text[]');
  const nulls = table.key.map(() => null);
  for (const text of [sql.update(false), sql.compare(false)])
    try {
      await client.query(`EXPLAIN ${text}`, nulls);
    } catch (error) {
      if (!WRONG.test(codeOf(error) ?? '')) throw error;
      throw backfillExpression(table.name, (error as Error).message);
    }
}
