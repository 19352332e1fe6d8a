import type { Added } from '../../adapters/postgres/written.js';
import type { Client } from '../../adapters/postgres/client.js';
import { identifier, inCatalog } from '../../domain/sql-name.js';
import type { Phased } from '../../domain/phased.js';
import type { Target } from '../home.js';
import { readNote } from './notes.js';

type Column = Added['columns'][number];

/**
 * Leaves out columns that hold nothing of their own: triggers and a backfill of the change fill them from others, and what it
 * says must hold does hold now for every row that has a value there. Reads these tables whole.
 *
 * @param upTo - of the plan whose revisions go
 */
export async function ofTheirOwn(
  target: Target,
  client: Client,
  upTo: Phased,
  columns: readonly Column[],
): Promise<Column[]> {
  const note = await readNote(target.config.state, target.name, upTo.change);
  const left: Column[] = [];
  for (const column of columns)
    if (!(await isInStep(client, column, note?.plan.fills.map(({ settings }) => settings) ?? [])))
      left.push(column);
  return left;
}

async function isInStep(
  client: Client,
  { table, column }: Column,
  fills: readonly Readonly<Record<string, unknown>>[],
): Promise<boolean> {
  for (const { table: filled, set, verify } of fills) {
    if (typeof filled !== 'string' || typeof verify !== 'string') continue;
    if (!Object.keys((set ?? {}) as object).some((name) => inCatalog(name) === inCatalog(column))) continue;
    const { rows } = await client.query<{ same: boolean }>(
      'SELECT to_regclass($1) = to_regclass($2) AS same',
      [table, filled],
    );
    if (rows[0]?.same && (await holds(client, filled, verify, column))) return true;
  }
  return false;
}

/** A row that was not filled yet has nothing there, whatever does not compare. */
async function holds(client: Client, table: string, verify: string, column: string): Promise<boolean> {
  const { rows } = await client.query<{ differ: boolean }>(
    `SELECT EXISTS (SELECT FROM ${table} WHERE ${identifier(column)} IS NOT NULL AND (${verify}) IS NOT TRUE) AS differ`,
  );
  return rows[0]?.differ === false;
}
