import type { Relation, Schema } from '../../schema/model.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Actor } from '../actors.js';
import { heirActors, heirsOf, indexesOf, isKnown, named } from '../actors.js';

/** The table that a command is about, with all that goes with it. */
export interface Target {
  schema: Schema;
  /** As the statement has it. */
  name: string;
  /** Undefined where it is not known, or does not exist. */
  relation: Relation | undefined;
  /** Without a catalog nobody can tell what else belongs to it. */
  isKnown: boolean;
  table: Actor;
  heirs: readonly Actor[];
  /** The relation and, unless it says ONLY, its partitions and children. */
  all: readonly Relation[];
}

/** @param only - it says ONLY */
export function targetOf(schema: Schema, name: string, only = false): Target {
  const relation = relationNamed(schema, name);
  const heirs = only ? [] : heirActors(schema, relation);
  return {
    schema,
    name,
    relation,
    isKnown: isKnown(schema, name),
    table: named(schema, name),
    heirs,
    all: relation ? [relation, ...(only ? [] : heirsOf(schema, relation))] : [],
  };
}

/** What nearly every command on a table involves. */
export const onTable = ({ table, heirs }: Target) => ({ table: [table], heirs });

const isStored = ({ kind }: Relation): boolean => kind !== 'partitioned table';

/** The same with all indexes: what is written anew takes them along. */
export const withIndexes = (target: Target) => ({
  ...onTable(target),
  indexes: target.all.length === 0 ? [] : indexesOf(target.all.filter(isStored)),
});

export const heirsUnsure = ({ isKnown: known, name }: Target): string[] =>
  known ? [] : [`partitions or child tables of ${name} would be locked as well`];

export const relationsNamed = (schema: Schema, names: readonly string[]): Relation[] =>
  names.flatMap((name) => relationNamed(schema, name) ?? []);
