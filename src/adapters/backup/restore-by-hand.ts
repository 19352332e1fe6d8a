import type { Client } from '../postgres/client.js';

const queries = [
  `SELECT format('publication %I comes back as the backup has it, and whoever subscribes to it must do so anew', pubname)
     AS words
   FROM pg_publication ORDER BY pubname`,
  `SELECT 'jobs of pg_cron come back as the backup has them, and its worker must be started again' AS words
   FROM pg_extension WHERE extname = 'pg_cron'`,
];

/** @returns what a restore brings back, and what depends on it elsewhere and must be looked after by hand, a line each */
export async function lookedAfterByHand(client: Client): Promise<string[]> {
  const found: string[] = [];
  for (const query of queries)
    found.push(...(await client.query<{ words: string }>(query)).rows.map(({ words }) => words));
  return found;
}
