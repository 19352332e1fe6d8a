import type { Index, Relation, Schema } from '../../../src/schema/model.js';

/**
 * What the model claims, in a form that can be compared: without sizes, owners and values, expressions only as there
 * or not, everything in order of names.
 *
 * @param other - where its relations have unknown columns, those of this one are left out too
 */
export function claimed(schema: Schema, other?: Schema): Record<string, unknown> {
  const relations = [...schema.relations.values()].map((relation) => {
    const unknown =
      relation.columnsUnknown ?? other?.relations.get(relation.key)?.columnsUnknown ?? isQuery(relation);
    return [relation.key, relationOf(relation, unknown)];
  });
  const types = [...schema.types.values()].map(
    ({ isNew: _n, uncommittedLabels: _u, checks, notNull, ...type }) => [
      type.key,
      { ...type, checks: [...(checks ?? [])].sort(), notNull: notNull ?? false },
    ],
  );
  const functions = [...schema.functions.values()].map((each) => [
    each.key,
    { ...each, body: each.body?.trim() },
  ]);
  return {
    relations: Object.fromEntries(relations.sort(byName)),
    types: Object.fromEntries(types.sort(byName)),
    functions: Object.fromEntries(functions.sort(byName)),
    publishesAll: schema.publishesAll,
  };
}

const isQuery = ({ kind }: Relation): boolean => kind === 'view' || kind === 'materialized view';

const byName = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);
const named = <T extends { name: string }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

function relationOf(relation: Relation, columnsUnknown: boolean): unknown {
  const { isNew: _n, owner: _o, bytes: _b, rows: _r, columnsUnknown: _c, grantees: _g, ...rest } = relation;
  const { sequence, columns, ...more } = rest;
  const { lastValue: _l, ...kept } = sequence ?? {};
  return {
    ...more,
    columns: columnsUnknown
      ? 'unknown'
      : columns.map((column) => ({ ...column, default: 'default' in column })),
    constraints: named(relation.constraints),
    indexes: named(relation.indexes.map(indexOf)),
    triggers: named(relation.triggers),
    policies: named(relation.policies),
    publications: named(relation.publications),
    rules: [...relation.rules].sort(),
    reads: relation.reads
      .map(({ relation: key, columns: read }) => ({ key, columns: [...new Set(read)].sort() }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
    ...(sequence ? { sequence: kept } : {}),
  };
}

const indexOf = (index: Index): Index => ({ ...index, columns: [...index.columns].sort() });
