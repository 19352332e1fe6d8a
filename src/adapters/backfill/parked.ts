import type { ParkedRow } from '../../domain/backfill/definition.js';
import type { Client } from '../postgres/client.js';
import { SCHEMA } from './journal.js';

/** Rows that are parked, the first ones. @param after - a key, or null */
export async function parkedRows(
  client: Client,
  id: string,
  most: number,
  after: readonly string[] | null = null,
): Promise<ParkedRow[]> {
  const { rows } = await client.query<ParkedRow>(
    `SELECT key, code, error FROM ${SCHEMA}.parked WHERE id = $1 AND ($2::text[] IS NULL OR key > $2) ORDER BY key LIMIT $3`,
    [id, after, most],
  );
  return rows;
}

const MOST_ERROR = 500;

export const park = (client: Client, id: string, { key, code, error }: ParkedRow): Promise<unknown> =>
  client.query(
    `INSERT INTO ${SCHEMA}.parked AS p (id, key, code, error) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id, key) DO UPDATE SET code = $3, error = $4, tries = p.tries + 1, at = now()`,
    [id, key, code, error.slice(0, MOST_ERROR)],
  );

export const unpark = (client: Client, id: string, key: readonly string[]): Promise<unknown> =>
  client.query(`DELETE FROM ${SCHEMA}.parked WHERE id = $1 AND key = $2`, [id, key]);

/** For `backfillSql`. */
export const parkedKeys = (client: Pick<Client, 'escapeLiteral'>, id: string): string =>
  `SELECT key FROM ${SCHEMA}.parked WHERE id = ${client.escapeLiteral(id)}`;

export const isParked = async (client: Client, id: string, key: readonly string[]): Promise<boolean> =>
  (await client.query(`SELECT FROM ${SCHEMA}.parked WHERE id = $1 AND key = $2`, [id, key])).rowCount === 1;
