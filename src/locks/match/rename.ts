import type { Schema } from '../../schema/model.js';
import { relationNamed } from '../../schema/resolve.js';
import type { Node } from '../../sql/ast.js';
import { nameOf, read } from '../../sql/ast.js';
import { actorOf, heirsOf, named, sequenceActors } from '../actors.js';
import { matched, type Match } from '../match.js';
import type { ShapeName } from '../model/index.js';
import { namedIndex } from './alter-others.js';
import { wholeKinds } from './objects.js';
import { targetOf } from './target.js';

/** RENAME of a relation or a part of one. */
export function renameMatches(node: Node, schema: Schema): Match[] {
  const rename = read(node, 'RenameStmt');
  const name = nameOf(rename?.relation);
  if (!rename?.relation) return [matched('outside of any table', {})];
  const target = targetOf(schema, name, !rename.relation.inh);
  const ofTable = { table: [target.table], heirs: target.heirs };
  switch (rename.renameType) {
    case 'OBJECT_COLUMN':
      return rename.relationType === 'OBJECT_VIEW'
        ? [matched('change view', { view: [named(schema, name, 'view')] })]
        : [matched('rename column', ofTable)];
    case 'OBJECT_ATTRIBUTE':
      return compositeRename(schema, name);
    case 'OBJECT_TABCONSTRAINT':
      return [renameConstraint(schema, rename.subname ?? '', target)];
    case 'OBJECT_TRIGGER':
      return [matched('rename trigger', ofTable)];
    case 'OBJECT_POLICY':
      return [matched('drop policy', { table: [target.table] })];
    case 'OBJECT_RULE':
      return [matched('change or drop rule', { table: [target.table] })];
    default:
      return [renameWhole(rename.renameType ?? '', schema, name)];
  }
}

const compositeRename = (schema: Schema, name: string): Match[] => {
  const key = relationNamed(schema, name)?.key ?? name;
  const typed = [...schema.relations.values()].filter(({ ofType }) => ofType === key);
  return [
    matched('change composite type', {
      type: [named(schema, name)],
      typed: typed.map((each) => actorOf(each, `a table of the type ${name}`)),
    }),
  ];
};

/** A constraint that children have too is renamed there as well; the index of a key gets its name. */
function renameConstraint(
  schema: Schema,
  subname: string,
  { table, relation }: ReturnType<typeof targetOf>,
): Match {
  const constraint = relation?.constraints.find(({ name }) => name === subname);
  const index = relation?.indexes.find((each) => constraint && each.constraint === constraint.name);
  const isInherited = constraint?.kind === 'check' || constraint?.kind === 'not null';
  return matched('rename constraint', {
    table: [table],
    heirs: isInherited
      ? heirsOf(schema, relation).map((each) => actorOf(each, 'has the same constraint'))
      : [],
    index:
      index && relation
        ? [
            namedIndex(
              schema,
              [relation.key.split('.').slice(0, -1).join('.'), index.name].filter(Boolean).join('.'),
            ),
          ]
        : [],
  });
}

const renamed: Record<string, ShapeName> = {
  OBJECT_TABLE: 'rename table',
  OBJECT_FOREIGN_TABLE: 'rename table',
  OBJECT_MATVIEW: 'rename table',
  OBJECT_VIEW: 'change view',
  OBJECT_SEQUENCE: 'rename or move sequence',
  OBJECT_INDEX: 'rename index',
};

function renameWhole(type: string, schema: Schema, name: string): Match {
  const shape = renamed[type];
  if (!shape) return matched('outside of any table', {});
  if (shape === 'rename index') return matched(shape, { index: [namedIndex(schema, name)] });
  const actor = named(schema, name, wholeKinds[type]);
  return matched(shape, { table: [actor], view: [actor], sequence: [actor] });
}

/** SET SCHEMA and, of what is no table, OWNER TO. */
export function moveMatches(node: Node, schema: Schema): Match[] {
  const move = read(node, 'AlterObjectSchemaStmt');
  const name = nameOf(move?.relation);
  const type = move?.objectType ?? '';
  if (!move?.relation) return [matched('outside of any table', {})];
  const actor = named(schema, name, wholeKinds[type]);
  if (type === 'OBJECT_VIEW') return [matched('change view', { view: [actor] })];
  if (type === 'OBJECT_SEQUENCE') return [matched('rename or move sequence', { sequence: [actor] })];
  return [
    matched('set schema', { table: [actor], sequences: sequenceActors(schema, relationNamed(schema, name)) }),
  ];
}
