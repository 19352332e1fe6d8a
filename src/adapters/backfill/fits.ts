import type { BackfillDefinition } from '../../domain/backfill/definition.js';
import { backfillExpression, backfillRefused } from '../../domain/problems/backfill.js';
import { schemaLocked } from '../../domain/problems/database.js';
import type { Client } from '../postgres/client.js';
import { codeOf } from '../postgres/failures.js';
import { functionSql } from './function-sql.js';
import { backfillSql } from './sql.js';
import { keyedTable, type KeyedTable } from './table.js';

/** Whoever has the whole table for longer than this is waited for by the next attempt. */
const LOOK_MS = 5_000;

/**
 * The table of a backfill, for which PostgreSQL takes its statements: it plans them, and does not run them.
 *
 * @throws what `keyedTable` throws; Problem `backfill-expression`, `backfill-refused`, `schema-locked` (retried)
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
/** Of a table that is published without a replica identity. */
const NOT_IN_ITS_STATE = '55000';

async function assertTaken(client: Client, definition: BackfillDefinition, table: KeyedTable): Promise<void> {
  const sql = backfillSql(client, table, definition, 'SELECT NULL::text[]');
  const { python } = definition;
  const texts = python ? functionSql(client, table, { ...definition, python }) : null;
  const whole = (parts: string) => `WITH ${parts} SELECT * FROM counted`;
  await assertPlanned(client, table, whole(sql.compare(null, 1, 'true')), sql.width);
  if (!texts) return assertPlanned(client, table, whole(sql.update(null, 1, 'true')), sql.width);
  await assertPlanned(client, table, texts.lock(null, 1), sql.width);
  await assertPlanned(client, table, whole(texts.write(1)), sql.width + texts.shape.writes.length);
}

async function assertPlanned(client: Client, table: KeyedTable, text: string, values: number): Promise<void> {
  try {
    await client.query(
      `EXPLAIN ${text}`,
      Array.from({ length: values }, () => null),
    );
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === NOT_IN_ITS_STATE) throw backfillRefused(table.name, code, (error as Error).message);
    if (!WRONG.test(code)) throw error;
    throw backfillExpression(table.name, (error as Error).message);
  }
}
