import type { AlterTableCmd, Content, Node } from '../sql/ast.js';
import { identifier, nameOf, read, readAll } from '../sql/ast.js';
import { addColumn, constraintsOf, setCollation, setDefault, setIdentity, widenSequences } from './columns.js';
import { addConstraint, alterConstraint, dropNotNull, setNotNull, validate } from './constraints.js';
import { columnTypeOf } from './column-type.js';
import { dropColumn, dropConstraint } from './drop-parts.js';
import { forget } from './empty.js';
import { columnsIn, shown } from './expression.js';
import { inheritColumn, inheritNotNull } from './inherit.js';
import { attachIndex } from './indexes.js';
import type { Column, Relation, Schema, TableConstraint } from './model.js';
import { addForeignKeyPart, attachPartition, changeParents, detachPartition } from './partitions.js';
import { columnNamed, descendantsOf, indexNamed, ownedSequences, relationNamed } from './resolve.js';
import { setOfTable } from './table-settings.js';

/** One command of ALTER TABLE and its kin, on a relation that the model has, with its partitions and children. */
interface Change {
  schema: Schema;
  relation: Relation;
  cmd: AlterTableCmd;
  /** The relation itself, then, unless it says ONLY, those below it. */
  all: Relation[];
  only: boolean;
}

type Command = (change: Change) => void;
type Subtype = NonNullable<AlterTableCmd['subtype']>;

/** What changes nothing that the model has. */
const unseen = new Set<Subtype>([
  ...(['AT_SetStatistics', 'AT_SetOptions', 'AT_ResetOptions', 'AT_SetStorage', 'AT_SetCompression'] as const),
  ...(['AT_ClusterOn', 'AT_DropCluster', 'AT_SetRelOptions', 'AT_ResetRelOptions'] as const),
  ...(['AT_ReplaceRelOptions', 'AT_SetTableSpace', 'AT_SetAccessMethod', 'AT_GenericOptions'] as const),
  ...(['AT_EnableTrig', 'AT_EnableAlwaysTrig', 'AT_EnableReplicaTrig', 'AT_DisableTrig'] as const),
  ...(['AT_EnableTrigAll', 'AT_DisableTrigAll', 'AT_EnableTrigUser', 'AT_DisableTrigUser'] as const),
  ...(['AT_EnableRule', 'AT_EnableAlwaysRule', 'AT_EnableReplicaRule', 'AT_DisableRule'] as const),
  ...(['AT_AlterColumnGenericOptions', 'AT_SetIdentity', 'AT_DropOids'] as const),
]);

export function alterTable(schema: Schema, statement: Content<'AlterTableStmt'>): void {
  const name = nameOf(statement.relation);
  for (const cmd of readAll(statement.cmds, 'AlterTableCmd')) {
    if (cmd.subtype === 'AT_AttachPartition' || cmd.subtype?.startsWith('AT_DetachPartition'))
      changePartitions(schema, statement, cmd);
    else {
      const relation = relationNamed(schema, name);
      // An index has none of what the model knows of relations; a table may be unknown without a catalog.
      if (!relation) continue;
      const below = belowOf(schema, relation, statement);
      change({ schema, relation, cmd, all: [relation, ...below], only: !statement.relation?.inh });
    }
  }
}

/** Partitions and children, unless it says ONLY; of a composite type the typed tables. */
function belowOf(schema: Schema, relation: Relation, statement: Content<'AlterTableStmt'>): Relation[] {
  if (relation.kind === 'composite')
    return [...schema.relations.values()].filter(({ ofType }) => ofType === relation.key);
  return statement.relation?.inh ? descendantsOf(schema, relation) : [];
}

function changePartitions(
  schema: Schema,
  statement: Content<'AlterTableStmt'>,
  { subtype, def }: AlterTableCmd,
): void {
  const name = nameOf(statement.relation);
  if (statement.objtype === 'OBJECT_INDEX' || indexNamed(schema, name)) attachIndex(schema, name, def);
  else if (subtype === 'AT_AttachPartition') attachPartition(schema, name, def);
  else detachPartition(schema, def);
}

function change(each: Change): void {
  const { schema, relation, cmd } = each;
  const command = cmd.subtype && commands[cmd.subtype];
  if (command) return command(each);
  if (cmd.subtype && unseen.has(cmd.subtype)) return;
  if (!setOfTable(schema, relation, cmd)) forget(schema, `ALTER TABLE (${cmd.subtype})`);
}

const columnOf = (relation: Relation, cmd: AlterTableCmd): Column | undefined =>
  columnNamed(relation, identifier(cmd.name ?? ''));

/** For the column of that name in each of the relations. */
const inAll =
  (work: (column: Column, each: Relation, change: Change) => void): Command =>
  (one) => {
    for (const each of one.all) {
      const column = columnOf(each, one.cmd);
      if (column) work(column, each, one);
    }
  };

const commands: Partial<Record<Subtype, Command>> = {
  AT_AddColumn: add,
  AT_DropColumn: ({ schema, cmd, all }) => {
    for (const each of all)
      dropColumn(schema, each, identifier(cmd.name ?? ''), cmd.behavior === 'DROP_CASCADE');
  },
  AT_AlterColumnType: inAll((column, each, { schema, cmd }) => {
    const definition = read(cmd.def, 'ColumnDef');
    column.type = columnTypeOf(schema, definition?.typeName);
    if (definition) setCollation(column, definition);
    if (column.identity) widenSequences(schema, each, column);
  }),
  AT_ColumnDefault: inAll((column, _, { cmd }) => setDefault(column, cmd.def)),
  AT_SetNotNull: ({ schema, cmd, all: [first, ...below] }) => {
    const name = identifier(cmd.name ?? '');
    if (first) setNotNull(schema, first, name);
    for (const each of below) if (first) inheritNotNull(schema, first, each, name);
  },
  AT_DropNotNull: inAll((column, each) => dropNotNull(each, column.name)),
  AT_SetExpression: inAll((column, _, { cmd }) => {
    column.default = shown(cmd.def);
    column.uses = columnsIn(cmd.def).sort();
  }),
  AT_DropExpression: inAll((column) => {
    delete column.generated;
    delete column.uses;
    delete column.default;
  }),
  AT_AddIdentity: ({ schema, relation, cmd }) => {
    const column = columnOf(relation, cmd);
    const constraint = read(cmd.def, 'Constraint');
    if (column && constraint) setIdentity(schema, relation, column, constraint);
  },
  AT_DropIdentity: ({ schema, relation, cmd }) => {
    const column = columnOf(relation, cmd);
    if (!column?.identity) return;
    delete column.identity;
    for (const { key } of ownedSequences(schema, relation.key, column.name)) schema.relations.delete(key);
  },
  AT_AddConstraint: addOne,
  AT_ValidateConstraint: ({ cmd, all }) => {
    for (const each of all) validate(each, identifier(cmd.name ?? ''));
  },
  AT_AlterConstraint: ({ cmd, all }) => {
    for (const each of all) alterConstraint(each, cmd.def);
  },
  AT_DropConstraint: ({ schema, cmd, all: [first, ...below] }) => {
    if (first)
      dropConstraint(schema, first, below, identifier(cmd.name ?? ''), cmd.behavior === 'DROP_CASCADE');
  },
  AT_AddInherit: ({ schema, relation, cmd }) =>
    changeParents(schema, relation, read(cmd.def, 'RangeVar'), true),
  AT_DropInherit: ({ schema, relation, cmd }) =>
    changeParents(schema, relation, read(cmd.def, 'RangeVar'), false),
};

function add({ schema, relation, cmd, all }: Change): void {
  const definition = read(cmd.def, 'ColumnDef');
  if (!definition) return;
  const name = identifier(definition.colname ?? '');
  if (cmd.missing_ok && columnNamed(relation, name)) return;
  const before = relation.constraints.length;
  const column = addColumn(schema, relation, definition);
  // Rows that there are get the default or NULL, and are checked at once: NOT VALID has no meaning here.
  for (const constraint of constraintsOf(definition))
    addConstraint(schema, relation, constraint, { column: name, withTable: true });
  const added = relation.constraints.slice(before);
  for (const child of all.slice(1)) {
    inheritColumn(schema, relation, child, column);
    for (const constraint of added) passOn(schema, relation, child, constraint);
  }
}

function addOne({ schema, relation, cmd, all, only }: Change): void {
  const constraint = read<'Constraint'>(cmd.def as Node, 'Constraint');
  if (!constraint) return;
  const before = relation.constraints.length;
  addConstraint(schema, relation, constraint, { withTable: false, only });
  const [added] = relation.constraints.slice(before);
  if (added) for (const child of all.slice(1)) passOn(schema, relation, child, added);
}

/** What a new constraint of a table means for a child or partition. Keys come by their index. */
function passOn(schema: Schema, parent: Relation, child: Relation, added: TableConstraint): void {
  const known = child.constraints.some(({ name }) => name === added.name);
  if (added.kind === 'check' && !added.noInherit && !known) child.constraints.push({ ...added });
  if (added.kind === 'not null') inheritNotNull(schema, parent, child, added.columns[0] ?? '');
  if (added.kind === 'foreign key' && child.partitionOf === parent.key)
    addForeignKeyPart(schema, added, child);
}
