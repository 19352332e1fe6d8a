import type { Client } from './client.js';
import { objectDetails, relationDetails } from './description-queries.js';
import { inOneLine, linesOf, pinWriting } from './fingerprint.js';
import { objectQueries } from './fingerprint-objects.js';
import { relationQueries } from './fingerprint-relations.js';

/**
 * Describes the schema of a database in full, for comparing a copy with what was backed up: all that the
 * fingerprint has, of every table, and what that leaves out (order of columns, tablespaces, definitions of rare
 * objects, comments on anything, large objects by owner). Not in it: rows, values of sequences, roles, and what
 * hangs on the database itself.
 *
 * Within the caller's transaction, whose settings it changes.
 *
 * @returns a line an object, sorted, none with a line break in it
 */
export async function describeSchema(client: Client): Promise<string[]> {
  await pinWriting(client);
  const lines: string[] = [];
  for (const query of [...relationQueries, ...relationDetails])
    lines.push(...(await linesOf(client, query, [[]])));
  for (const query of [...objectQueries, ...objectDetails]) lines.push(...(await linesOf(client, query, [])));
  return lines.map(inOneLine).sort();
}
