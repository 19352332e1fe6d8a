import type { Relation, Schema } from '../schema/model.js';
import { referencesTo } from '../schema/resolve.js';

/** What uses a column, so that PostgreSQL refuses to change its type or to drop it. */
export interface ColumnUsers {
  /** In words: `the view v`. */
  refusing: string[];
  /** The same for a drop alone: foreign keys of other tables. */
  refusingDrop: string[];
}

export function usersOf(schema: Schema, relation: Relation, column: string): ColumnUsers {
  const has = ({ columns }: { columns: string[] }) => columns.includes(column);
  const views = [...schema.relations.values()].filter(({ reads }) =>
    reads.some((read) => read.relation === relation.key && has(read)),
  );
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

const MOST = 3;

/** `a, b, c and 2 more`. */
export const listed = (words: readonly string[]): string =>
  words.length <= MOST
    ? words.join(', ')
    : `${words.slice(0, MOST).join(', ')} and ${words.length - MOST} more`;
