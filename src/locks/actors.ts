import type { Index, Relation, Schema } from '../schema/model.js';
import { descendantsOf, indexKey, ownedSequences, referencesTo, relationNamed } from '../schema/resolve.js';
import type { RelationEffect } from './effects.js';

/** A relation in a role. */
export interface Actor {
  /** As the statement has it where it names it, else its key. */
  name: string;
  /** Tells whether two are the same. */
  key: string;
  kind: RelationEffect['kind'];
  /** It has rows of its own: a partitioned table has none. */
  isStored: boolean;
  /** How many indexes it has. */
  indexes: number;
  /** Its rows are not read, whatever the shape says: a foreign key that was never validated is not now. */
  reads?: false;
  why?: string;
}

const kinds: Partial<Record<Relation['kind'], Actor['kind']>> = { view: 'view', sequence: 'sequence' };
const stored: readonly Relation['kind'][] = ['table', 'materialized view'];

export function actorOf(relation: Relation, why?: string): Actor {
  const actor: Actor = {
    name: relation.key,
    key: relation.key,
    kind: kinds[relation.kind] ?? 'table',
    isStored: stored.includes(relation.kind),
    indexes: relation.indexes.length,
  };
  if (why !== undefined) actor.why = why;
  return actor;
}

/** One that the statement names; without a catalog it may be unknown, and counts as a table with rows. */
export function named(schema: Schema, name: string, kind: Actor['kind'] = 'table'): Actor {
  const relation = relationNamed(schema, name);
  return relation
    ? { ...actorOf(relation), name }
    : { name, key: name, kind, isStored: kind === 'table', indexes: 0 };
}

/** Whether all is known of it: what is not in a catalog does not exist. */
export const isKnown = (schema: Schema, name: string): boolean =>
  schema.source !== 'none' || relationNamed(schema, name) !== undefined;

/** An index as the statement names it, or by the key that it has beside its table. */
export const indexActor = (relation: Relation, index: Index, why?: string, name?: string): Actor => ({
  ...unknownIndex(name ?? indexKey({ relation, index })),
  key: indexKey({ relation, index }),
  ...(why === undefined ? {} : { why }),
});

export const unknownIndex = (name: string): Actor => ({
  name,
  key: name,
  kind: 'index',
  isStored: false,
  indexes: 0,
});

export const indexesOf = (
  relations: readonly Relation[],
  chosen: (index: Index) => boolean = () => true,
): Actor[] =>
  relations.flatMap((relation) =>
    relation.indexes.filter(chosen).map((index) => indexActor(relation, index, `index of ${relation.key}`)),
  );

/** Partitions and children, at any depth. */
export const heirsOf = (schema: Schema, relation: Relation | undefined): Relation[] =>
  relation ? descendantsOf(schema, relation) : [];

export const heirActors = (schema: Schema, relation: Relation | undefined): Actor[] =>
  heirsOf(schema, relation).map((each) => actorOf(each, heirWhy(each, relation)));

const heirWhy = (each: Relation, of: Relation | undefined): string =>
  `${each.partitionOf ? 'partition' : 'child table'} of ${of?.key ?? ''}`;

/** What a foreign key refers to, with its partitions. */
export function referencedBy(schema: Schema, name: string, from: string): Actor[] {
  const relation = relationNamed(schema, name);
  const why = `referenced by ${from}`;
  if (!relation) return [{ ...named(schema, name), why }];
  return [relation, ...heirsOf(schema, relation)].map((each) => actorOf(each, why));
}

/** Tables with a foreign key on it, itself left out, with their partitions. */
export function referencingActors(
  schema: Schema,
  relations: readonly Relation[],
  columns?: readonly string[],
): Actor[] {
  return referencingOf(schema, relations, columns).flatMap(({ relation, of, validated }) => {
    const why = `references ${of.key}`;
    const reads = validated ? {} : { reads: false as const };
    return [relation, ...heirsOf(schema, relation)].map((each) => ({ ...actorOf(each, why), ...reads }));
  });
}

export const referencingOf = (
  schema: Schema,
  relations: readonly Relation[],
  columns?: readonly string[],
): { relation: Relation; of: Relation; validated: boolean }[] =>
  relations.flatMap((of) =>
    referencesTo(schema, of.key)
      .filter(({ relation }) => !relations.includes(relation))
      .filter(
        ({ constraint }) =>
          !columns || (constraint.references?.columns ?? []).some((each) => columns.includes(each)),
      )
      .map(({ relation, constraint }) => ({ relation, of, validated: constraint.validated })),
  );

/** Those with triggers on both tables. One that a partition has from its parent is no other one. */
export const ownForeignKeys = (schema: Schema, relation: Relation): Relation['constraints'] =>
  relation.constraints.filter(
    (constraint) =>
      constraint.kind === 'foreign key' && constraint.enforced && !isFromParent(schema, relation, constraint),
  );

function isFromParent(
  schema: Schema,
  { partitionOf }: Relation,
  { columns, references }: Relation['constraints'][number],
) {
  const parent = partitionOf === undefined ? undefined : schema.relations.get(partitionOf);
  return (
    parent?.constraints.some(
      (each) =>
        each.kind === 'foreign key' &&
        each.columns.join() === columns.join() &&
        each.references?.relation === references?.relation,
    ) ?? false
  );
}

export const sequenceActors = (schema: Schema, relation: Relation | undefined, column?: string): Actor[] =>
  relation
    ? ownedSequences(schema, relation.key, column).map((each) => actorOf(each, `sequence of ${relation.key}`))
    : [];

/** Views that read it, and views that read those; with what belongs to materialized ones. */
export function viewsOn(schema: Schema, start: readonly Relation[], columns?: readonly string[]): Relation[] {
  const found: Relation[] = [];
  const add = (from: readonly Relation[], only?: readonly string[]) => {
    for (const view of schema.relations.values()) {
      const reads = view.reads.some(
        (each) =>
          from.some(({ key }) => key === each.relation) &&
          (!only || each.columns.some((name) => only.includes(name))),
      );
      if (!reads || found.includes(view)) continue;
      found.push(view);
      add([view]);
    }
  };
  add(start, columns);
  return found;
}

export const viewActors = (views: readonly Relation[], on: string): Actor[] => [
  ...views.map((view) => actorOf(view, `reads ${on}`)),
  ...indexesOf(views),
];
