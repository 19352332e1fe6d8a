import type { Relation, Schema } from '../schema/model.js';
import { referencesTo } from '../schema/resolve.js';

/** Views that read a relation, or one of its columns. */
export const viewsOn = (schema: Schema, { key }: Relation, column?: string): Relation[] =>
  [...schema.relations.values()].filter(({ reads }) =>
    reads.some(
      ({ relation, columns }) => relation === key && (column === undefined || columns.includes(column)),
    ),
  );

/** What uses a column, so that PostgreSQL refuses to change its type or to drop it. */
export interface ColumnUsers {
  /** In words: `the view v`. */
  refusing: string[];
  /** The same for a drop alone: foreign keys of other tables. */
  refusingDrop: string[];
}

export function usersOf(schema: Schema, relation: Relation, column: string): ColumnUsers {
  const has = ({ columns }: { columns: string[] }) => columns.includes(column);
  const views = viewsOn(schema, relation, column);
  const generated = relation.columns.filter(({ name, uses }) => name !== column && uses?.includes(column));
  const references = referencesTo(schema, relation.key).filter(
    ({ relation: other, constraint }) =>
      other !== relation && constraint.references?.columns.includes(column),
  );
  return {
    refusing: [
      ...views.map(({ kind, key }) => `the ${kind} ${key}`),
      ...relation.policies.filter(has).map(({ name }) => `the policy ${name}`),
      ...generated.map(({ name }) => `the generated column ${name}`),
      ...relation.triggers.filter(has).map(({ name }) => `the trigger ${name}`),
      ...relation.publications.filter(has).map(({ name }) => `the publication ${name}`),
    ],
    refusingDrop: references.map(({ relation: other, constraint }) => `${constraint.name} of ${other.key}`),
  };
}

/** Views keep their names when what they read gets another one: good to know, and no danger. */
export function rewritten(schema: Schema, relation: Relation | undefined, column?: string): string {
  const views = relation ? viewsOn(schema, relation, column) : [];
  return views.length > 0 ? `; PostgreSQL itself rewrites ${listed(views.map(({ key }) => key))}` : '';
}

const MOST = 3;

/** `a, b, c and 2 more`. */
export const listed = (words: readonly string[]): string =>
  words.length <= MOST
    ? words.join(', ')
    : `${words.slice(0, MOST).join(', ')} and ${words.length - MOST} more`;
