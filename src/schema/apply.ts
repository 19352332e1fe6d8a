import type { Content, Kind, Node } from '../sql/ast.js';
import { identifier, inside, kindOf, read } from '../sql/ast.js';
import { alterTable } from './alter-table.js';
import { alterPolicy, createPolicy, createRule, createTrigger, grant } from './attachments.js';
import { createTable } from './create-table.js';
import { dropObjects } from './drop.js';
import { forget, forgetPath } from './empty.js';
import { alterFunction, createFunction } from './functions.js';
import { createIndex } from './indexes.js';
import type { Schema } from './model.js';
import { alterPublication, createPublication } from './publications.js';
import { rename, setSchema } from './rename.js';
import { alterSequence, createSequence } from './sequences.js';
import { runQuery, setVariable } from './settings.js';
import {
  alterDomain,
  alterEnum,
  committed,
  createComposite,
  createDomain,
  createEnum,
  createRange,
} from './types.js';
import { createAs, createView, make } from './views.js';

type Handlers = { [K in Kind]?: (schema: Schema, content: Content<K>) => void };

const handlers: Handlers = {
  CreateStmt: (schema, statement) => createTable(schema, statement),
  CreateForeignTableStmt: (schema, { base }) => base && createTable(schema, base, true),
  CreateTableAsStmt: createAs,
  ViewStmt: createView,
  IndexStmt: createIndex,
  AlterTableStmt: alterTable,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  CreateEnumStmt: createEnum,
  CreateRangeStmt: createRange,
  CreateDomainStmt: createDomain,
  CompositeTypeStmt: createComposite,
  AlterEnumStmt: alterEnum,
  AlterDomainStmt: alterDomain,
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: alterFunction,
  CreateTrigStmt: createTrigger,
  CreatePolicyStmt: createPolicy,
  AlterPolicyStmt: alterPolicy,
  RuleStmt: createRule,
  GrantStmt: grant,
  CreatePublicationStmt: createPublication,
  AlterPublicationStmt: alterPublication,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  DropStmt: dropObjects,
  CreateSchemaStmt: createSchema,
  VariableSetStmt: setVariable,
  DiscardStmt: (schema) => forgetPath(schema, 'DISCARD'),
  TransactionStmt: endTransaction,
};

/** Statements that change rows, settings or objects that the model has nothing of. */
const unseen = new Set<string>(
  `CommentStmt VariableShowStmt VacuumStmt ReindexStmt ClusterStmt RefreshMatViewStmt LockStmt ExplainStmt
  CreateStatsStmt AlterStatsStmt TruncateStmt CopyStmt AlterDefaultPrivilegesStmt GrantRoleStmt
  CreateRoleStmt AlterRoleStmt AlterRoleSetStmt DropRoleStmt CreateExtensionStmt AlterDatabaseSetStmt
  CreatedbStmt AlterDatabaseStmt CreateTableSpaceStmt AlterOwnerStmt AlterSystemStmt CheckPointStmt
  NotifyStmt ListenStmt UnlistenStmt ConstraintsSetStmt CreateCastStmt CreateFdwStmt
  CreateForeignServerStmt AlterForeignServerStmt CreateUserMappingStmt CreateSubscriptionStmt
  AlterSubscriptionStmt CreateEventTrigStmt SecLabelStmt DefineStmt CreatePLangStmt CreateAmStmt
  CreateConversionStmt CreateOpClassStmt CreateOpFamilyStmt AlterObjectDependsStmt AlterOperatorStmt
  AlterTSDictionaryStmt AlterTSConfigurationStmt AlterCollationStmt AlterEventTrigStmt`.split(/\s+/),
);

const queries = new Set<string>(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

/**
 * Applies one parsed statement to the schema, in place. What it makes is new. After a statement of which nobody
 * knows what it does (a DO block, an unknown function, another search path) the model forgets all.
 */
export function apply(schema: Schema, node: Node): void {
  const kind = kindOf(node);
  const handler = handlers[kind] as ((schema: Schema, content: unknown) => void) | undefined;
  if (schema.searchPath === null && handler && namesWithoutSchema(node))
    forget(schema, 'a statement whose names may mean any schema');
  if (queries.has(kind)) {
    if (kind === 'SelectStmt') make(schema, read(node, 'SelectStmt')?.intoClause?.rel, 'table', false);
    runQuery(schema, node);
  } else if (handler) handler(schema, (node as unknown as Record<string, unknown>)[kind]);
  else if (!unseen.has(kind)) forget(schema, whatIs(kind));
}

const whatIs = (kind: Kind): string =>
  kind === 'DoStmt' ? 'a DO block' : kind === 'CallStmt' ? 'a call of a procedure' : `a statement (${kind})`;

/** With a path that is not known any more, such a statement may change any table. */
function namesWithoutSchema(node: Node): boolean {
  for (const value of inside([node])) {
    const range = read(value, 'RangeVar');
    if (range && !range.schemaname) return true;
  }
  const own = Object.values(node)[0] as { relation?: { schemaname?: string }; objects?: Node[] } | undefined;
  if (own?.relation) return !own.relation.schemaname;
  return (own?.objects ?? []).some((object) => (read(object, 'List')?.items?.length ?? 1) < 2);
}

function createSchema(schema: Schema, statement: Content<'CreateSchemaStmt'>): void {
  const name = identifier(statement.schemaname ?? statement.authrole?.rolename ?? '');
  if (schema.schemas.has(name)) return;
  schema.schemas.add(name);
  if (statement.schemaElts?.length) forget(schema, 'CREATE SCHEMA with objects in it');
}

/** What a ROLLBACK took back is not known. */
function endTransaction(schema: Schema, { kind }: Content<'TransactionStmt'>): void {
  if (kind === 'TRANS_STMT_COMMIT') committed(schema);
  if (kind?.startsWith('TRANS_STMT_ROLLBACK')) forget(schema, 'a ROLLBACK');
}
