import type { AlterTableCmd, Node } from '../sql/ast.js';
import { addedColumn, defaultOf, inside, kindOf, ofType, read, tableCommand } from '../sql/ast.js';
import { effectfulIn } from '../sql/functions.js';

/** Settings of a session that change how long it waits, not what it does. */
const settings = new Set(
  `lock_timeout statement_timeout idle_in_transaction_session_timeout transaction_timeout search_path
  application_name client_min_messages client_encoding standard_conforming_strings
  maintenance_work_mem work_mem timezone max_parallel_maintenance_workers check_function_bodies
  xmloption default_tablespace default_table_access_method`.split(/\s+/),
);

/** Commands of ALTER TABLE that take a moment whatever the table's size, and change no row. */
const shortCommands: NonNullable<AlterTableCmd['subtype']>[] = [
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropExpression',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
];

/**
 * The statement shapes that are known to be of low risk. Whatever is neither here nor found by a rule is
 * unknown, and so very high: a new kind of statement is dangerous until somebody has thought about it.
 */
const shapes: Record<string, (node: Node) => boolean> = {
  CreateStmt: () => true,
  CreateSeqStmt: () => true,
  CreateEnumStmt: () => true,
  CreateRangeStmt: () => true,
  CreateDomainStmt: () => true,
  CompositeTypeStmt: () => true,
  CreateStatsStmt: () => true,
  CommentStmt: () => true,
  VariableShowStmt: () => true,
  CreateSchemaStmt: (node) => !read(node, 'CreateSchemaStmt')?.schemaElts?.length,
  ViewStmt: (node) => !read(node, 'ViewStmt')?.replace,
  // A function does nothing until it is called; a replaced one is called already.
  CreateFunctionStmt: (node) => !read(node, 'CreateFunctionStmt')?.replace,
  CreateTableAsStmt: (node) => read(node, 'CreateTableAsStmt')?.into?.skipData === true,
  GrantStmt: (node) => read(node, 'GrantStmt')?.is_grant === true,
  AlterDefaultPrivilegesStmt: (node) => read(node, 'AlterDefaultPrivilegesStmt')?.action?.is_grant === true,
  VariableSetStmt: (node) => settings.has((read(node, 'VariableSetStmt')?.name ?? '').toLowerCase()),
  VacuumStmt: () => true,
  RenameStmt: (node) =>
    ['OBJECT_INDEX', 'OBJECT_TABCONSTRAINT', 'OBJECT_TRIGGER', 'OBJECT_POLICY'].includes(
      read(node, 'RenameStmt')?.renameType ?? '',
    ),
  DropStmt: (node) => read(node, 'DropStmt')?.removeType === 'OBJECT_STATISTIC_EXT',
  SelectStmt: onlyReads,
  AlterTableStmt: (node) => addsHarmlessColumn(node) || isShort(node),
};

/** Whether the statement has one of the shapes known to be harmless. The rules were asked before. */
export const isHarmless = (node: Node): boolean => shapes[kindOf(node)]?.(node) ?? false;

/** Alembic's own table, and the frame of a transaction: no part of what the revision's author wrote. */
export function isBookkeeping(node: Node, versionTable = 'alembic_version'): boolean {
  if (!/^(Transaction|Update|Insert|Delete|Create)Stmt$/.test(kindOf(node))) return false;
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
  // Dropping one is found by rules, where the running release may rely on it.
  return tableCommand(node, 'AT_ColumnDefault') !== undefined;
}

function onlyReads(node: Node): boolean {
  const select = read(node, 'SelectStmt');
  if (select?.intoClause || effectfulIn(node)) return false;
  for (const part of inside(node)) {
    if (/^(Insert|Update|Delete|Merge)Stmt$/.test(kindOf(part))) return false;
    if (read(part, 'SelectStmt')?.lockingClause) return false;
  }
  return true;
}
