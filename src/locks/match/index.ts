import type { Schema } from '../../schema/model.js';
import type { Kind, Node } from '../../sql/ast.js';
import { alterationOf, kindOf, nameOf, read, readAll } from '../../sql/ast.js';
import { named } from '../actors.js';
import { matched, type Match } from '../match.js';
import { namedIndex } from './alter-others.js';
import { alterTableMatches } from './alter-table.js';
import {
  createAsMatches,
  createSchemaMatches,
  createTableMatches,
  refreshMatches,
  viewMatches,
} from './create.js';
import { dropMatches } from './drop.js';
import { clusterMatches, createIndexMatches, reindexMatches, vacuumMatches } from './indexes.js';
import {
  commentMatches,
  compositeMatches,
  domainMatches,
  grantMatches,
  policyMatches,
  publicationMatches,
  ruleMatches,
  sequenceMatches,
  triggerMatches,
} from './objects.js';
import { moveMatches, renameMatches } from './rename.js';
import { truncateMatches } from './truncate.js';
import { copyMatches, lockMatches, queryMatches } from './query.js';

type Classifier = (node: Node, schema: Schema) => Match[];

/**
 * The shapes of the lock model that a statement has (an ALTER TABLE has one command), and who is involved.
 *
 * @returns none where the model does not know the statement, as of a DO block: what is in it is asked for by itself
 */
export const matchesOf: Classifier = (node, schema) => classifiers[kindOf(node)]?.(node, schema) ?? [];

const nothing: Classifier = () => [matched('outside of any table', {})];

const of = (classifier: Classifier, ...kinds: Kind[]): Partial<Record<Kind, Classifier>> =>
  Object.fromEntries(kinds.map((kind) => [kind, classifier]));

const classifiers: Partial<Record<Kind, Classifier>> = {
  AlterTableStmt: (node, schema) =>
    alterationOf(node)?.of === 'OBJECT_TYPE'
      ? compositeMatches(node, schema)
      : alterTableMatches(node, schema),
  ...of(createTableMatches, 'CreateStmt', 'CreateForeignTableStmt'),
  CreateTableAsStmt: createAsMatches,
  CreateSchemaStmt: (node, schema) => createSchemaMatches(node, schema, matchesOf),
  ViewStmt: viewMatches,
  RefreshMatViewStmt: refreshMatches,
  DropStmt: dropMatches,
  TruncateStmt: truncateMatches,
  IndexStmt: createIndexMatches,
  ReindexStmt: reindexMatches,
  ClusterStmt: clusterMatches,
  VacuumStmt: vacuumMatches,
  CreateTrigStmt: triggerMatches,
  RuleStmt: ruleMatches,
  ...of(policyMatches, 'CreatePolicyStmt', 'AlterPolicyStmt'),
  ...of(sequenceMatches, 'CreateSeqStmt', 'AlterSeqStmt'),
  AlterDomainStmt: domainMatches,
  ...of(publicationMatches, 'CreatePublicationStmt', 'AlterPublicationStmt'),
  ...of(commentMatches, 'CommentStmt', 'SecLabelStmt'),
  GrantStmt: grantMatches,
  RenameStmt: renameMatches,
  AlterObjectSchemaStmt: moveMatches,
  CreateStatsStmt: (node, schema) => [
    matched('create statistics', {
      table: readAll(read(node, 'CreateStatsStmt')?.relations, 'RangeVar').map((range) =>
        named(schema, nameOf(range)),
      ),
    }),
  ],
  ...of(queryMatches, 'SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'ExplainStmt'),
  CopyStmt: copyMatches,
  LockStmt: lockMatches,
  AlterEnumStmt: (node) => [
    matched(read(node, 'AlterEnumStmt')?.oldVal ? 'outside of any table' : 'add value to enum', {}),
  ],
  AlterObjectDependsStmt: (node, schema) => {
    const statement = read(node, 'AlterObjectDependsStmt');
    const name = nameOf(statement?.relation);
    if (statement?.objectType !== 'OBJECT_INDEX') return nothing(node, schema);
    return [matched('index depends on extension', { index: [namedIndex(schema, name)] })];
  },
  ...of(
    nothing,
    ...(['CreateEnumStmt', 'CreateRangeStmt', 'CreateDomainStmt', 'CompositeTypeStmt'] as const),
    ...(['CreateFunctionStmt', 'AlterFunctionStmt', 'AlterStatsStmt', 'DefineStmt'] as const),
    ...([
      'AlterDefaultPrivilegesStmt',
      'AlterOwnerStmt',
      'CreateFdwStmt',
      'CreateForeignServerStmt',
    ] as const),
    ...([
      'VariableSetStmt',
      'VariableShowStmt',
      'ConstraintsSetStmt',
      'CreateRoleStmt',
      'AlterRoleStmt',
    ] as const),
    ...([
      'GrantRoleStmt',
      'DropRoleStmt',
      'AlterRoleSetStmt',
      'NotifyStmt',
      'ListenStmt',
      'UnlistenStmt',
    ] as const),
    ...([
      'CreateCastStmt',
      'CreateConversionStmt',
      'AlterTypeStmt',
      'DiscardStmt',
      'DeallocateStmt',
    ] as const),
  ),
  ...of(
    () => [matched('outside of any transaction', {})],
    ...([
      'CreatedbStmt',
      'DropdbStmt',
      'CreateTableSpaceStmt',
      'DropTableSpaceStmt',
      'AlterSystemStmt',
    ] as const),
  ),
};
