import type { Schema } from '../../schema/model.js';
import { columnNamed, indexNamed, relationNamed } from '../../schema/resolve.js';
import type { AlterTableCmd, Node } from '../../sql/ast.js';
import { alterationOf, identifier, nameOf, read, readAll } from '../../sql/ast.js';
import { indexActor, named, sequenceActors, unknownIndex } from '../actors.js';
import { matched, type Match } from '../match.js';
import type { ShapeName } from '../model/index.js';
import { addColumnMatches } from './add-column.js';
import { alterIndexMatches, alterViewMatches } from './alter-others.js';
import { columnTypeMatches } from './column-type.js';
import {
  addConstraintMatches,
  alterConstraintMatches,
  setNotNullMatches,
  validateMatches,
} from './constraints.js';
import { dropColumnMatches } from './drop-column.js';
import { dropConstraintMatches } from './drop-constraint.js';
import { attachIndexMatches, attachMatches, detachMatches } from './partitions.js';
import { changeOwner, setLogged, setOptions, switchTrigger } from './table-settings.js';
import { heirsUnsure, onTable, targetOf, withIndexes, type Target } from './target.js';

type Subtype = NonNullable<AlterTableCmd['subtype']>;
type Command = (cmd: AlterTableCmd, target: Target, node: Node) => Match[];

/** One command of ALTER TABLE, VIEW, INDEX, SEQUENCE … */
export function alterTableMatches(node: Node, schema: Schema): Match[] {
  const statement = read(node, 'AlterTableStmt');
  const altered = alterationOf(node);
  if (!statement || !altered) return [];
  const { of, table, cmd } = altered;
  // IF EXISTS of what is not there does nothing.
  if (
    statement.missing_ok &&
    schema.source !== 'none' &&
    !relationNamed(schema, table) &&
    !indexNamed(schema, table)
  )
    return [matched('outside of any table', {})];
  if (of === 'OBJECT_INDEX')
    return cmd.subtype === 'AT_AttachPartition'
      ? attachIndexMatches(schema, table, cmd)
      : alterIndexMatches(schema, table, cmd);
  if (of === 'OBJECT_VIEW') return alterViewMatches(schema, table);
  if (of === 'OBJECT_SEQUENCE')
    return [matched('rename or move sequence', { sequence: [named(schema, table, 'sequence')] })];
  if (cmd.subtype === 'AT_AttachPartition') return attachMatches(schema, table, cmd);
  if (cmd.subtype?.startsWith('AT_DetachPartition')) return detachMatches(schema, table, cmd);
  // What a column of a parent is to its children is looked up whether or not it says ONLY.
  const only = !statement.relation?.inh && cmd.subtype !== 'AT_DropColumn';
  const target = targetOf(schema, table, only);
  return cmd.subtype ? (commands[cmd.subtype]?.(cmd, target, node) ?? []) : [];
}

/** A shape that locks the table, and what is below it, and nothing else. */
const plain =
  (shape: ShapeName): Command =>
  (_, target) => [matched(shape, onTable(target), { unsure: heirsUnsure(target) })];

/** A shape that is about the table alone, whatever is below it. */
const alone =
  (shape: ShapeName): Command =>
  (_, target) => [matched(shape, { table: [target.table] })];

const withSequences =
  (shape: ShapeName): Command =>
  (cmd, target) => [
    matched(
      shape,
      {
        ...onTable(target),
        sequences: sequenceActors(target.schema, target.relation, identifier(cmd.name ?? '')),
      },
      { unsure: heirsUnsure(target) },
    ),
  ];

const ofEach = (subtypes: readonly Subtype[], command: Command): Partial<Record<Subtype, Command>> =>
  Object.fromEntries(subtypes.map((subtype) => [subtype, command]));

const commands: Partial<Record<Subtype, Command>> = {
  AT_AddColumn: (cmd, target, node) => addColumnMatches(node, target, Boolean(cmd.missing_ok)),
  AT_DropColumn: dropColumnMatches,
  AT_AlterColumnType: columnTypeMatches,
  AT_ColumnDefault: plain('set default'),
  AT_SetNotNull: setNotNullMatches,
  AT_DropNotNull: plain('drop not null'),
  AT_SetStatistics: plain('set statistics'),
  ...ofEach(['AT_SetOptions', 'AT_ResetOptions'], alone('set column options')),
  AT_SetStorage: plain('set storage'),
  AT_SetCompression: alone('set compression'),
  AT_AddIdentity: plain('add identity'),
  AT_SetIdentity: withSequences('set identity'),
  AT_DropIdentity: withSequences('drop identity'),
  AT_SetExpression: setExpression,
  AT_DropExpression: plain('drop expression'),
  AT_AddConstraint: (_, target, node) => addConstraintMatches(node, target),
  AT_AlterConstraint: alterConstraintMatches,
  AT_ValidateConstraint: validateMatches,
  AT_DropConstraint: dropConstraintMatches,
  AT_ChangeOwner: changeOwner,
  AT_ClusterOn: (cmd, target) => [
    matched('cluster on', { table: [target.table], index: [indexOf(target, cmd.name)] }),
  ],
  AT_DropCluster: alone('set without cluster'),
  ...ofEach(['AT_SetLogged', 'AT_SetUnLogged'], setLogged),
  AT_SetTableSpace: alone('set tablespace'),
  AT_SetAccessMethod: (_, target) => [matched('set access method', withIndexes(target))],
  ...ofEach(['AT_SetRelOptions', 'AT_ResetRelOptions', 'AT_ReplaceRelOptions'], setOptions),
  AT_DropOids: plain('set without oids'),
  ...ofEach(
    [
      ...(['AT_EnableTrig', 'AT_EnableAlwaysTrig', 'AT_EnableReplicaTrig', 'AT_DisableTrig'] as const),
      ...(['AT_EnableTrigAll', 'AT_DisableTrigAll', 'AT_EnableTrigUser', 'AT_DisableTrigUser'] as const),
    ],
    switchTrigger,
  ),
  ...ofEach(
    ['AT_EnableRule', 'AT_EnableAlwaysRule', 'AT_EnableReplicaRule', 'AT_DisableRule'],
    alone('enable or disable rule'),
  ),
  ...ofEach(
    ['AT_EnableRowSecurity', 'AT_DisableRowSecurity', 'AT_ForceRowSecurity', 'AT_NoForceRowSecurity'],
    alone('row level security'),
  ),
  AT_ReplicaIdentity: (cmd, target) => {
    const { name, identity_type: kind } = read(cmd.def, 'ReplicaIdentityStmt') ?? {};
    const index = kind === 'i' && name ? [indexOf(target, name)] : [];
    return [matched('replica identity', { table: [target.table], index })];
  },
  AT_AddInherit: (cmd, target) => inheritance('inherit', cmd, target),
  AT_DropInherit: (cmd, target) => inheritance('no inherit', cmd, target),
  AT_AddOf: (cmd, target) => {
    const name = readAll(read(cmd.def, 'TypeName')?.names, 'String')
      .map(({ sval = '' }) => identifier(sval))
      .join('.');
    return [matched('make typed', { table: [target.table], type: [named(target.schema, name)] })];
  },
  AT_DropOf: alone('make untyped'),
};

const indexOf = ({ relation }: Target, given = '') => {
  const name = identifier(given);
  const found = relation?.indexes.find((index) => index.name === name);
  return relation && found ? indexActor(relation, found, undefined, name) : unknownIndex(name);
};

const inheritance = (shape: 'inherit' | 'no inherit', cmd: AlterTableCmd, target: Target): Match[] => [
  matched(shape, { ...onTable(target), parent: [named(target.schema, nameOf(read(cmd.def, 'RangeVar')))] }),
];

function setExpression(cmd: AlterTableCmd, target: Target): Match[] {
  const isVirtual = columnNamed(target.relation, identifier(cmd.name ?? ''))?.generated === 'virtual';
  return [
    matched(isVirtual ? 'set virtual expression' : 'set expression', withIndexes(target), {
      unsure: heirsUnsure(target),
    }),
  ];
}
