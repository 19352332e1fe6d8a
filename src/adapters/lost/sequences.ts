import type { Client } from '../postgres/client.js';

/**
 * Moves sequences on to the values of another database, never back: a number that was given out is never given out
 * again. Those that are not there, or count round, are left.
 *
 * @param values - last value of each sequence, by its quoted name
 * @returns those that were moved
 */
export async function moveSequences(
  client: Client,
  values: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT w.name, setval(s.seqrelid, w.value) FROM unnest($1::text[], $2::int8[]) AS w(name, value)
       JOIN pg_sequence s ON s.seqrelid = to_regclass(w.name)
       JOIN pg_sequences v ON format('%I.%I', v.schemaname, v.sequencename) = w.name
     WHERE NOT s.seqcycle AND w.value BETWEEN s.seqmin AND s.seqmax
       AND (v.last_value IS NULL
         OR CASE WHEN s.seqincrement > 0 THEN w.value > v.last_value ELSE w.value < v.last_value END)`,
    [Object.keys(values), Object.values(values)],
  );
  return rows.map(({ name }) => name);
}

/** Last value of each sequence that was used, by its quoted name. */
export async function lastValues(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value
     FROM pg_sequences WHERE last_value IS NOT NULL`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
