import { type Client, withClient } from '../adapters/postgres/client.js';
import { rowKey } from '../adapters/postgres/row-key.js';
import { shownKeys } from '../domain/example-keys.js';
import { type BrokenRule, brokenRulesOf } from '../plan/broken-rules.js';
import type { FailedStatement } from './rehearsal-trace.js';

const SHOWN = 5;
const LONGEST_MS = 60_000;

/** Unique, not null, foreign key, check (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const BROKEN: readonly string[] = ['23505', '23502', '23503', '23514'];

/**
 * Which rows break a rule that a statement wanted to add, by their keys; in words, empty where that cannot be told: the
 * table is not as it was when the statement ran, or the rule is not one of the known kinds.
 *
 * @param url - of the copy
 */
export async function examplesOf(
  { sql, sqlstate }: FailedStatement,
  url: string,
  session: { applicationName: string; signal: AbortSignal },
): Promise<string> {
  if (!sqlstate || !BROKEN.includes(sqlstate)) return '';
  const rules = (await brokenRulesOf(sql)).filter(({ states }) => states.includes(sqlstate));
  if (!rules.length) return '';
  return withClient(url, session, async (client) => {
    await client.query(`SET statement_timeout = ${LONGEST_MS}`);
    const told: string[] = [];
    for (const rule of rules) told.push(await example(client, rule).catch(() => ''));
    return told.filter(Boolean).join('; ');
  });
}

async function example(client: Client, rule: BrokenRule): Promise<string> {
  const key = await rowKey(client, rule.table);
  const { rows } = await client.query<{ key: string; n: number }>(
    `SELECT key, count(*) OVER ()::float8 AS n FROM (${rule.query(key)}) found ORDER BY length(key), key LIMIT ${SHOWN}`,
  );
  const [first] = rows;
  return first ? rule.words(first.n, shownKeys(rows.map((row) => row.key))) : '';
}
