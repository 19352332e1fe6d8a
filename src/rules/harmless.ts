import type { AlterTableCmd, Node } from '../sql/ast.js';
import {
  addedColumn,
  alterationOf,
  defaultOf,
  inside,
  kindOf,
  ofType,
  read,
  tableCommand,
} from '../sql/ast.js';
import { effectfulIn } from '../sql/functions.js';
import { isHarmlessSetting } from '../sql/settings.js';
import { changesMeaning } from './function-changed.js';

/** Commands of ALTER TABLE that take a moment whatever the table's size, and change no row. */
const shortCommands: NonNullable<AlterTableCmd['subtype']>[] = [
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
  'AT_AddOf',
  'AT_DropOf',
  'AT_DropOids',
];

/** The same of what is no table. */
const shortElsewhere: Readonly<Record<string, readonly string[]>> = {
  OBJECT_INDEX: ['AT_SetRelOptions', 'AT_ResetRelOptions', 'AT_SetStatistics', 'AT_AttachPartition'],
  OBJECT_VIEW: ['AT_ColumnDefault'],
  OBJECT_MATVIEW: shortCommands,
};

const always = (): boolean => true;

/**
 * The statement shapes that are known to be of low risk. Whatever is neither here nor found by a rule is
 * unknown, and so very high: a new kind of statement is dangerous until somebody has thought about it.
 */
const shapes: Record<string, (node: Node) => boolean> = {
  // What is made is new: nobody uses it yet.
  ...Object.fromEntries(
    `CreateStmt CreateSeqStmt CreateEnumStmt CreateRangeStmt CreateDomainStmt CompositeTypeStmt CreateStatsStmt
    CreateSchemaStmt CreateRoleStmt CreateForeignTableStmt CreateForeignServerStmt CreateFdwStmt
    CreateUserMappingStmt CreateAmStmt CreateCastStmt CreateConversionStmt CreateOpClassStmt CreateOpFamilyStmt`
      .split(/\s+/)
      .map((kind) => [kind, always]),
  ),
  // What touches no table and no row.
  ...Object.fromEntries(
    `CommentStmt SecLabelStmt VariableShowStmt ConstraintsSetStmt CheckPointStmt AlterObjectDependsStmt
    AlterStatsStmt PrepareStmt DeallocateStmt FetchStmt ClosePortalStmt ListenStmt UnlistenStmt NotifyStmt
    ExplainStmt DiscardStmt VacuumStmt`
      .split(/\s+/)
      .map((kind) => [kind, always]),
  ),
  DefineStmt: (node) => !read(node, 'DefineStmt')?.replace,
  CreatePLangStmt: (node) => !read(node, 'CreatePLangStmt')?.replace,
  ViewStmt: (node) => !read(node, 'ViewStmt')?.replace,
  // A function does nothing until it is called; a replaced one is called already.
  CreateFunctionStmt: (node) => !read(node, 'CreateFunctionStmt')?.replace,
  AlterFunctionStmt: (node) => !changesMeaning(read(node, 'AlterFunctionStmt')?.actions),
  CreateTableAsStmt: (node) => read(node, 'CreateTableAsStmt')?.into?.skipData === true || onlyReads(node),
  GrantStmt: (node) => read(node, 'GrantStmt')?.is_grant === true,
  GrantRoleStmt: (node) => read(node, 'GrantRoleStmt')?.is_grant === true,
  AlterDefaultPrivilegesStmt: (node) => read(node, 'AlterDefaultPrivilegesStmt')?.action?.is_grant === true,
  VariableSetStmt: setsHarmless,
  TransactionStmt: (node) => read(node, 'TransactionStmt')?.kind === 'TRANS_STMT_ROLLBACK_TO',
  RenameStmt: (node) => unnoticed.includes(read(node, 'RenameStmt')?.renameType ?? ''),
  DropStmt: (node) => /^OBJECT_(STATISTIC_EXT|TYPE|DOMAIN)$/.test(read(node, 'DropStmt')?.removeType ?? ''),
  CopyStmt: (node) => !read(node, 'CopyStmt')?.is_from && onlyReads(node),
  SelectStmt: (node) => !read(node, 'SelectStmt')?.intoClause && onlyReads(node),
  AlterTableStmt: (node) => addsHarmlessColumn(node) || isShort(node),
};

const unnoticed: readonly string[] = [
  'OBJECT_INDEX',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_DOMCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_STATISTIC_EXT',
  'OBJECT_EVENT_TRIGGER',
];

/** Whether the statement has one of the shapes known to be harmless. The rules were asked before. */
export const isHarmless = (node: Node): boolean => shapes[kindOf(node)]?.(node) ?? false;

const keptByRunners: ReadonlySet<string> = new Set([
  ...['TransactionStmt', 'UpdateStmt', 'InsertStmt', 'DeleteStmt', 'CreateStmt'],
]);

/** Alembic's own table, and the frame of a transaction: no part of what the revision's author wrote. */
export function isBookkeeping(node: Node, versionTable = 'alembic_version'): boolean {
  if (!keptByRunners.has(kindOf(node))) return false;
  const transaction = read(node, 'TransactionStmt')?.kind;
  if (transaction) return /_(BEGIN|START|COMMIT|SAVEPOINT|RELEASE)$/.test(transaction);
  const written =
    read(node, 'UpdateStmt') ??
    read(node, 'InsertStmt') ??
    read(node, 'DeleteStmt') ??
    read(node, 'CreateStmt');
  return written?.relation?.relname === versionTable && effectfulIn(node) === undefined;
}

/** Every part of the column must be known here; what costs something was found by a rule already. */
function addsHarmlessColumn(node: Node): boolean {
  const added = addedColumn(node);
  if (!added) return false;
  const { constraints } = added;
  if (
    ofType(constraints, 'CONSTR_NOTNULL') &&
    !defaultOf(constraints) &&
    !ofType(constraints, 'CONSTR_GENERATED')
  )
    return false;
  return constraints.every(({ contype = '' }) =>
    ['CONSTR_NULL', 'CONSTR_NOTNULL', 'CONSTR_DEFAULT', 'CONSTR_GENERATED'].includes(contype),
  );
}

function isShort(node: Node): boolean {
  if (tableCommand(node, ...shortCommands)) return true;
  const deferred = read(tableCommand(node, 'AT_AlterConstraint')?.cmd.def, 'ATAlterConstraint');
  if (deferred && !deferred.alterEnforceability) return true;
  const elsewhere = alterationOf(node);
  if (elsewhere && shortElsewhere[elsewhere.of]?.includes(elsewhere.cmd.subtype ?? '')) return true;
  // Dropping one is found by rules, where the running release may rely on it.
  return tableCommand(node, 'AT_ColumnDefault', 'AT_DropIdentity', 'AT_DropExpression') !== undefined;
}

function setsHarmless(node: Node): boolean {
  const set = read(node, 'VariableSetStmt');
  // RESET and TO DEFAULT give back what the server has; TRANSACTION says how this one reads.
  if (set?.kind !== 'VAR_SET_VALUE') return set !== undefined && set.kind !== 'VAR_SET_CURRENT';
  const none = read(set.args?.[0], 'A_Const')?.sval?.sval === 'none';
  return isHarmlessSetting(set.name ?? '') || (set.name === 'role' && none);
}

function onlyReads(node: Node): boolean {
  if (effectfulIn(node)) return false;
  return [...inside(node)].every((part) => !/^(Insert|Update|Delete|Merge|Execute)Stmt$/.test(kindOf(part)));
}
