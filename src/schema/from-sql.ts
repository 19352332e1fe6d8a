import { parse } from '../sql/parse.js';
import { apply } from './apply.js';
import { emptySchema } from './empty.js';
import type { Schema } from './model.js';
import { committed } from './types.js';

/** A schema that was read from SQL, and what of the SQL could not be read. */
export interface SchemaFile {
  schema: Schema;
  unread: { line: number; text: string; why: string }[];
}

const forgot = ({ source }: Schema): boolean => source === 'none';

/** What pg_dump writes for psql, and that means nothing for the schema. */
const ofPsql = /^\\(un)?restrict\b|^\\connect\b|^\\encoding\b/;

/**
 * Reads a schema from DDL, such as the output of `pg_dump --schema-only`. Nothing in it is new. What cannot be read,
 * or does something that nobody knows, is listed; if anything had to be forgotten for it, the schema is no longer
 * trusted to be whole (its source is `none`).
 *
 * @param postgres - major version that the SQL is for
 */
export async function schemaFromSql(text: string, postgres?: number): Promise<SchemaFile> {
  const schema: Schema = {
    ...emptySchema(postgres),
    source: 'file',
    searchPath: ['public'],
    schemas: new Set(['public']),
  };
  const unread: SchemaFile['unread'] = [];
  for (const part of await parse(text)) {
    const place = { line: part.line, text: part.text };
    if (!('node' in part)) {
      if (!ofPsql.test(part.text)) unread.push({ ...place, why: part.why });
      continue;
    }
    const was: Schema['source'] = schema.source;
    apply(schema, part.node);
    if (was === 'file' && forgot(schema))
      unread.push({ ...place, why: 'nobody knows what it does, so that all before it had to be forgotten' });
  }
  committed(schema);
  for (const object of [...schema.relations.values(), ...schema.types.values()]) object.isNew = false;
  return { schema, unread };
}
