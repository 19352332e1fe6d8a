import { apply } from '../../src/schema/apply.js';
import { schemaFromSql } from '../../src/schema/from-sql.js';
import type { Schema } from '../../src/schema/model.js';
import { committed } from '../../src/schema/types.js';
import { parse } from '../../src/sql/parse.js';
import type { Case } from './case.js';
import { fixture } from './fixture.js';
import { outcomeOf, predict } from './predict.js';

/** The schema of the fixture, made of its DDL: what a server's catalog says of it, without a server. */
export async function fixtureSchema(major: number): Promise<Schema> {
  const { schema, unread } = await schemaFromSql(fixture(major), major);
  // A block, or an extension's statement, of which the model knows nothing is not in the fixture.
  if (unread.length > 0)
    throw new Error(`the schema model cannot read the fixture: ${JSON.stringify(unread)}`);
  for (const relation of schema.relations.values()) relation.owner = 'postgres';
  return { ...schema, timeZone: 'UTC' };
}

/** What the model says of a case, in the notation of what was measured. */
export async function predictOffline(one: Case, base: Schema, major: number): Promise<string> {
  const schema = one.setup ? await after(one.setup, base) : base;
  return outcomeOf(one, await predict(one, schema, major));
}

async function after(setup: string, base: Schema): Promise<Schema> {
  const schema = structuredClone(base);
  for (const part of await parse(setup)) {
    if (!('node' in part)) throw new Error(`cannot be read: ${part.text}`);
    const zone = /^set timezone='(.*)'$/.exec(part.text)?.[1];
    if (zone) schema.timeZone = zone;
    else apply(schema, part.node);
  }
  committed(schema);
  for (const each of [...schema.relations.values(), ...schema.types.values()]) each.isNew = false;
  return schema;
}
