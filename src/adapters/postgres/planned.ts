import type { Client } from './client.js';
import { codeOf } from './failures.js';

/** Classes of errors that are the statement's own (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const WRONG = /^(0A|21|22|42)/;

/**
 * Has PostgreSQL plan a query, and not run it.
 *
 * @returns why it does not take it, in its own words; undefined where it does
 */
export async function whyNotPlanned(client: Client, query: string): Promise<string | undefined> {
  try {
    await client.query(`EXPLAIN ${query}`);
    return undefined;
  } catch (error) {
    if (!WRONG.test(codeOf(error) ?? '')) throw error;
    return (error as Error).message;
  }
}
