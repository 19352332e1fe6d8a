import { type ClientOptions, withClient } from '../postgres/client.js';
import { all } from './together.js';

// A partitioned table stands for its partitions.
const query = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    c.relkind = 'p' OR pg_relation_size(c.oid) > 2 ^ 20 AS large
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY c.relkind = 'p' DESC, pg_relation_size(c.oid) DESC`;

/** So many small tables are no more work than a large one. */
const TOGETHER = 100;

/**
 * ANALYZE by several sessions, the largest tables first: what it costs does not grow with a table, and after a restore
 * of many small ones it takes as long as that.
 *
 * @param sessions - how many of them
 * @throws Problem those of `withClient`
 */
export async function gatherStatistics(
  url: string,
  { applicationName, signal }: Required<ClientOptions>,
  sessions: number,
): Promise<void> {
  const left = await withClient(url, { applicationName, signal }, async (client) => {
    const { rows } = await client.query<{ name: string; large: boolean }>(query);
    const large = rows.filter((row) => row.large).map(({ name }) => name);
    const small = rows.filter((row) => !row.large).map(({ name }) => name);
    return [...large, ...inLists(small)];
  });
  const next = (either: AbortSignal) =>
    withClient(url, { applicationName, signal: either }, async (client) => {
      for (let names = left.shift(); names !== undefined; names = left.shift())
        await client.query(`ANALYZE ${names}`);
    });
  await all(
    signal,
    Array.from({ length: Math.max(1, Math.min(sessions, left.length)) }, () => next),
  );
}

const inLists = (names: readonly string[]): string[] =>
  Array.from({ length: Math.ceil(names.length / TOGETHER) }, (_, i) =>
    names.slice(i * TOGETHER, (i + 1) * TOGETHER).join(', '),
  );
