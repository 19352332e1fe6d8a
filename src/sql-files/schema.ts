import { readFileSync } from 'node:fs';
import { schemaNotReadable, sqlNotReadable } from '../domain/problems/check.js';
import { schemaFromSql } from '../schema/from-sql.js';
import type { Schema } from '../schema/model.js';
import { decode } from './decode.js';
import { STDIN } from './find.js';

/**
 * The schema in a file of DDL, such as `pg_dump --schema-only` writes.
 *
 * @throws Problem `sql-not-readable`; `schema-not-readable` where not all of it is understood: what it does not know
 * would then pass for what is not there
 */
export async function schemaIn(path: string, postgres?: number): Promise<Schema> {
  const { text, fault } = decode(bytesOf(path));
  const { schema, unread } = await schemaFromSql(text, postgres);
  const faults = [...(fault ? [fault] : []), ...unread];
  if (faults.length) throw schemaNotReadable(path, faults);
  return schema;
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path === STDIN ? 0 : path);
  } catch (error) {
    throw sqlNotReadable([`${path}: ${(error as Error).message}`]);
  }
}
