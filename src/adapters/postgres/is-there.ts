import type { Client } from './client.js';

/** Whether a relation exists, as far as the session's role may look. @param name - as to_regclass() takes it */
export async function isThere(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    name,
  ]);
  return rows[0]?.there ?? false;
}
