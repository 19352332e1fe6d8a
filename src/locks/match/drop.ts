import type { Relation, Schema } from '../../schema/model.js';
import { placeOf } from '../../domain/sql-name.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Node } from '../../sql/ast.js';
import { nameOfObject, read, tableOfObject } from '../../sql/ast.js';
import {
  actorOf,
  heirActors,
  heirsOf,
  indexesOf,
  isKnown,
  named,
  ownForeignKeys,
  referencingActors,
  referencingOf,
  sequenceActors,
  viewActors,
  viewsOn,
} from '../actors.js';
import { matched, type Match } from '../match.js';
import { rootAndParts } from './drop-constraint.js';
import { dropIndexes } from './drop-index.js';
import { dropFunctions, dropTypes } from './drop-others.js';
import { cascades, isGone, namesOf, type Drop } from './dropped.js';
import { defaultOf } from './partitions.js';

/** DROP of whatever is in the catalog. */
export function dropMatches(node: Node, schema: Schema): Match[] {
  const drop = read(node, 'DropStmt');
  if (!drop) return [];
  const command = commands[drop.removeType ?? ''];
  return command ? command(drop, schema) : [matched('outside of any table', {})];
}

const commands: Record<string, (drop: Drop, schema: Schema) => Match[]> = {
  OBJECT_TABLE: dropTables,
  OBJECT_FOREIGN_TABLE: dropTables,
  OBJECT_VIEW: (drop, schema) => dropViews('drop view', drop, schema),
  OBJECT_MATVIEW: (drop, schema) => dropViews('drop materialized view', drop, schema),
  OBJECT_SEQUENCE: dropSequences,
  OBJECT_INDEX: dropIndexes,
  OBJECT_TRIGGER: (drop, schema) => onTables('drop trigger', drop, schema),
  OBJECT_POLICY: (drop, schema) => onTables('drop policy', drop, schema),
  OBJECT_RULE: (drop, schema) => onTables('change or drop rule', drop, schema),
  OBJECT_TYPE: dropTypes,
  OBJECT_DOMAIN: dropTypes,
  OBJECT_FUNCTION: dropFunctions,
  OBJECT_PROCEDURE: dropFunctions,
  OBJECT_ROUTINE: dropFunctions,
  OBJECT_SCHEMA: dropSchemas,
  OBJECT_STATISTIC_EXT: () => [
    matched('drop statistics', {}, { unsure: ['the table of the statistics is locked against other DDL'] }),
  ],
};

function dropTables(drop: Drop, schema: Schema): Match[] {
  const names = namesOf(drop).filter(
    (name) => !isGone(drop, schema, relationNamed(schema, name) !== undefined),
  );
  const dropped = names.flatMap((name) => relationNamed(schema, name) ?? []);
  const fails = cascades(drop) ? undefined : whyRefused(schema, dropped);
  return [
    ...names.map((name) => dropTable(schema, name, dropped)),
    ...(fails ? [matched('outside of any table', {}, { fails: { why: fails } })] : []),
  ];
}

/** @param together - the tables that this statement drops, which no longer are in each other's way */
function dropTable(schema: Schema, name: string, together: readonly Relation[]): Match {
  const relation = relationNamed(schema, name);
  if (!relation) {
    const unsure = isKnown(schema, name)
      ? []
      : [`tables that foreign keys of ${name} reference, and that reference it, would be locked as well`];
    return matched('drop table', { table: [named(schema, name)] }, { unsure });
  }
  const all = [relation, ...heirsOf(schema, relation)];
  const keys = ownForeignKeys(schema, relation)
    .filter(({ references }) => !together.some(({ key }) => key === references?.relation))
    .map((constraint) => rootAndParts(schema, constraint, name));
  const parent = relation.partitionOf === undefined ? undefined : schema.relations.get(relation.partitionOf);
  return matched('drop table', {
    table: [named(schema, name)],
    heirs: heirActors(schema, relation),
    indexes: indexesOf(all),
    sequences: all.flatMap((each) => sequenceActors(schema, each)),
    parent: parent ? [actorOf(parent, `${name} is a partition of it`)] : [],
    default: relation.isDefaultPartition ? [] : defaultOf(schema, parent, relation),
    referenced: keys.flatMap(({ parts }) => parts),
    referencedRoot: keys.flatMap(({ root }) => root),
    referencing: referencingActors(schema, all).filter(
      ({ key }) => !together.some((each) => each.key === key),
    ),
    dependants: viewActors(viewsOn(schema, all), name),
  });
}

function whyRefused(schema: Schema, dropped: readonly Relation[]): string | undefined {
  for (const relation of dropped) {
    const all = [relation, ...heirsOf(schema, relation)];
    const user =
      viewsOn(schema, all).find((view) => !dropped.includes(view)) ??
      referencingOf(schema, [...all, ...dropped]).find(({ of }) => all.includes(of))?.relation ??
      all.find((each) => each.inherits.includes(relation.key) && !dropped.includes(each));
    if (user) return `${user.key} needs ${relation.key}: it is not dropped without CASCADE`;
  }
  return undefined;
}

function dropViews(shape: 'drop view' | 'drop materialized view', drop: Drop, schema: Schema): Match[] {
  const together = namesOf(drop).flatMap((name) => relationNamed(schema, name) ?? []);
  const kind = shape === 'drop view' ? 'view' : 'table';
  return namesOf(drop).flatMap((name) => {
    const relation = relationNamed(schema, name);
    if (isGone(drop, schema, relation !== undefined)) return [];
    const users = relation ? viewsOn(schema, [relation]).filter((each) => !together.includes(each)) : [];
    const [first] = users;
    const why = `${first?.key} reads ${name}: it is not dropped without CASCADE`;
    const actors = {
      view: [named(schema, name, kind)],
      indexes: indexesOf(relation ? [relation] : []),
      dependants: viewActors(users, name),
    };
    return [matched(shape, actors, first && !cascades(drop) ? { fails: { why } } : {})];
  });
}

function dropSequences(drop: Drop, schema: Schema): Match[] {
  return namesOf(drop).flatMap((name) => {
    const relation = relationNamed(schema, name);
    if (isGone(drop, schema, relation !== undefined)) return [];
    const owner = schema.relations.get(relation?.sequence?.ownedBy?.relation ?? '');
    const users = owner ? [actorOf(owner, `its column counts by ${name}`)] : [];
    const fails =
      owner && !cascades(drop)
        ? { fails: { why: `${owner.key} counts by ${name}: it is not dropped without CASCADE` } }
        : {};
    return [
      matched('drop sequence', { sequence: [named(schema, name, 'sequence')], dependants: users }, fails),
    ];
  });
}

function onTables(
  shape: 'drop trigger' | 'drop policy' | 'change or drop rule',
  drop: Drop,
  schema: Schema,
): Match[] {
  return (drop.objects ?? []).flatMap((object) => {
    const name = tableOfObject(object);
    const relation = relationNamed(schema, name);
    const part = nameOfObject(object).slice(name.length + 1);
    if (isGone(drop, schema, relation !== undefined && partsOf(relation, shape).includes(part))) return [];
    return [matched(shape, { table: [named(schema, name)], heirs: heirActors(schema, relation) })];
  });
}

function partsOf({ triggers, policies, rules }: Relation, shape: string): string[] {
  if (shape === 'drop trigger') return triggers.map(({ name }) => name);
  return shape === 'drop policy' ? policies.map(({ name }) => name) : rules;
}

function dropSchemas(drop: Drop, schema: Schema): Match[] {
  const names = namesOf(drop);
  const dropped = [...schema.relations.values()].filter(({ key }) => names.includes(placeOf(key)));
  if (!cascades(drop)) {
    const fails = dropped[0]
      ? { fails: { why: `${dropped[0].key} is in it: it is not dropped without CASCADE` } }
      : {};
    return [matched('drop schema', {}, fails)];
  }
  const unsure = schema.source === 'none' ? ['all that is in it would be locked and dropped'] : [];
  return [
    matched('drop schema', {}, { unsure }),
    ...dropped.map((relation) => dropTable(schema, relation.key, dropped)),
  ];
}
