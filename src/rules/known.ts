import type { Column, Relation, Schema } from '../schema/model.js';
import { columnNamed, relationNamed } from '../schema/resolve.js';
import type { Hit } from './rule.js';

/** What the schema knows of a column that a statement names. */
export interface KnownColumn {
  relation: Relation;
  column: Column;
}

/** @returns undefined where the schema does not have it, or not all of its table */
export function knownColumn(schema: Schema, table: string, name: string): KnownColumn | undefined {
  const relation = relationNamed(schema, table);
  const column = columnNamed(relation, name);
  return relation && column && { relation, column };
}

/** A hit that rests on what the schema has. */
export const fromCatalog = (hit: Hit): Hit => ({ ...hit, evidence: 'catalog' });

/** For a hit without it. @param what - what the verdict depends on, in words that follow "whether" */
export function unsure(schema: Schema, what: string): Pick<Hit, 'unsure'> {
  if (schema.source !== 'none') return {};
  const why = schema.forgotten === undefined ? 'without the database' : `after ${schema.forgotten}`;
  return { unsure: `${why} it is not known whether ${what}` };
}
