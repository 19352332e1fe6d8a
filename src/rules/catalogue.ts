import type { Rule } from './rule.js';
import { ofPlan } from './catalogue-plan.js';
import allowanceRefused from './allowance-refused.js';
import allowanceUnused from './allowance-unused.js';
import autovacuumSwitchedOff from './autovacuum-switched-off.js';
import checkNotImmutable from './check-not-immutable.js';
import checkScans from './check-scans.js';
import codeBlock from './code-block.js';
import collationVersionAccepted from './collation-version-accepted.js';
import columnCheckScans from './column-check-scans.js';
import columnDefaultRewrites from './column-default-rewrites.js';
import columnDropped from './column-dropped.js';
import columnInUse from './column-in-use.js';
import columnJson from './column-json.js';
import columnReferenceScans from './column-reference-scans.js';
import columnRenamed from './column-renamed.js';
import columnSequenceRewrites from './column-sequence-rewrites.js';
import columnTypeChanged from './column-type-changed.js';
import columnTypeMayLoseValues from './column-type-may-lose-values.js';
import columnTypeUnknown from './column-type-unknown.js';
import columnTypeWidened from './column-type-widened.js';
import columnUniqueBuildsIndex from './column-unique-builds-index.js';
import columnWithoutValue from './column-without-value.js';
import committedMidway from './committed-midway.js';
import constraintDropped from './constraint-dropped.js';
import constraintFromIndex from './constraint-from-index.js';
import constraintNotEnforced from './constraint-not-enforced.js';
import constraintNotValid from './constraint-not-valid.js';
import constraintValidated from './constraint-validated.js';
import dataCopied from './data-copied.js';
import defaultDropped from './default-dropped.js';
import domainChanged from './domain-changed.js';
import domainScansTables from './domain-scans-tables.js';
import enumChanged from './enum-changed.js';
import enumValueUsed from './enum-value-used.js';
import eventTriggerChanged from './event-trigger-changed.js';
import extensionChanged from './extension-changed.js';
import failsInTransaction from './fails-in-transaction.js';
import foreignDataChanged from './foreign-data-changed.js';
import foreignKeyScans from './foreign-key-scans.js';
import foreignKeyTypesDiffer from './foreign-key-types-differ.js';
import foreignKeyWithoutIndex from './foreign-key-without-index.js';
import functionCalled from './function-called.js';
import functionChanged from './function-changed.js';
import functionMentions from './function-mentions-old-name.js';
import ifNotExistsPassesOver from './if-not-exists-passes-over.js';
import indexBlocksWrites from './index-blocks-writes.js';
import indexBuiltConcurrently from './index-built-concurrently.js';
import indexDropped from './index-dropped.js';
import indexOnPartitionedTable from './index-on-partitioned-table.js';
import invalidIndexPassesOver from './invalid-index-passes-over.js';
import lockTimeoutLoosened from './lock-timeout-loosened.js';
import meaningOfQueriesChanged from './meaning-of-queries-changed.js';
import newColumnRequired from './new-column-required.js';
import notNullDropped from './not-null-dropped.js';
import notNullScans from './not-null-scans.js';
import numbersRunOut from './numbers-run-out.js';
import objectDropped from './object-dropped.js';
import partitionChanged from './partition-changed.js';
import partitionMade from './partition-made.js';
import preparedStatementRun from './prepared-statement-run.js';
import primaryKeyDropped from './primary-key-dropped.js';
import privilegesTaken from './privileges-taken.js';
import privilegesWidened from './privileges-widened.js';
import programRun from './program-run.js';
import publishedWithoutKey from './published-without-key.js';
import reindexBlocksReads from './reindex-blocks-reads.js';
import replicaIdentityChanged from './replica-identity-changed.js';
import replicationChanged from './replication-changed.js';
import roleChanged from './role-changed.js';
import rowSecurityChanged from './row-security-changed.js';
import rowSecurityWithoutPolicy from './row-security-without-policy.js';
import rowsChanged from './rows-changed.js';
import rowsInserted from './rows-inserted.js';
import rowsLocked from './rows-locked.js';
import searchChanged from './search-changed.js';
import securityDefinerOpen from './security-definer-open.js';
import sequenceAltered from './sequence-altered.js';
import sequenceStaysNarrow from './sequence-stays-narrow.js';
import serverSettingChanged from './server-setting-changed.js';
import sessionRoleChanged from './session-role-changed.js';
import statementRefused from './statement-refused.js';
import storedColumnRewrites from './stored-column-rewrites.js';
import tableDropped from './table-dropped.js';
import tableLocked from './table-locked.js';
import tableReferenced from './table-referenced.js';
import tableRenamed from './table-renamed.js';
import tableRewritten from './table-rewritten.js';
import tableTruncated from './table-truncated.js';
import tableUnlogged from './table-unlogged.js';
import tableWithoutPrimaryKey from './table-without-primary-key.js';
import timeoutCutsBuild from './timeout-cuts-build.js';
import transactionByHand from './transaction-by-hand.js';
import transactionLeftOpen from './transaction-left-open.js';
import transactionPrepared from './transaction-prepared.js';
import transactionRolledBack from './transaction-rolled-back.js';
import triggerCreated from './trigger-created.js';
import triggerSwitchedOff from './trigger-switched-off.js';
import typeAltered from './type-altered.js';
import typeMissing from './type-missing.js';
import uniqueBuildsIndex from './unique-builds-index.js';
import unknownStatement from './unknown-statement.js';
import unreadableSql from './unreadable-sql.js';
import viewChanged from './view-changed.js';
import workUnderLock from './work-under-lock.js';

/** All rules, in the order in which they are shown: the gravest first. */
export const rules: readonly Rule[] = [
  tableDropped,
  columnDropped,
  objectDropped,
  tableTruncated,
  rowsChanged,
  columnTypeMayLoseValues,
  publishedWithoutKey,
  codeBlock,
  functionCalled,
  unknownStatement,
  unreadableSql,
  ...ofPlan.veryHigh,
  preparedStatementRun,
  programRun,
  extensionChanged,
  columnTypeChanged,
  columnInUse,
  columnDefaultRewrites,
  columnSequenceRewrites,
  storedColumnRewrites,
  columnTypeUnknown,
  columnWithoutValue,
  columnCheckScans,
  columnUniqueBuildsIndex,
  columnReferenceScans,
  notNullScans,
  defaultDropped,
  newColumnRequired,
  foreignKeyScans,
  checkScans,
  uniqueBuildsIndex,
  ...ofPlan.high,
  typeMissing,
  workUnderLock,
  transactionLeftOpen,
  columnRenamed,
  tableRenamed,
  tableRewritten,
  tableLocked,
  reindexBlocksReads,
  viewChanged,
  functionChanged,
  rowSecurityChanged,
  rowSecurityWithoutPolicy,
  functionMentions,
  triggerSwitchedOff,
  partitionChanged,
  domainScansTables,
  eventTriggerChanged,
  primaryKeyDropped,
  roleChanged,
  serverSettingChanged,
  transactionPrepared,
  rowsInserted,
  constraintFromIndex,
  constraintNotValid,
  constraintValidated,
  constraintDropped,
  notNullDropped,
  enumChanged,
  sequenceStaysNarrow,
  foreignKeyTypesDiffer,
  foreignKeyWithoutIndex,
  numbersRunOut,
  indexBlocksWrites,
  indexBuiltConcurrently,
  indexDropped,
  failsInTransaction,
  statementRefused,
  enumValueUsed,
  committedMidway,
  transactionByHand,
  timeoutCutsBuild,
  ...ofPlan.medium,
  triggerCreated,
  partitionMade,
  dataCopied,
  sequenceAltered,
  privilegesTaken,
  autovacuumSwitchedOff,
  checkNotImmutable,
  collationVersionAccepted,
  constraintNotEnforced,
  domainChanged,
  foreignDataChanged,
  invalidIndexPassesOver,
  meaningOfQueriesChanged,
  privilegesWidened,
  replicaIdentityChanged,
  replicationChanged,
  rowsLocked,
  searchChanged,
  securityDefinerOpen,
  sessionRoleChanged,
  tableUnlogged,
  typeAltered,
  transactionRolledBack,
  indexOnPartitionedTable,
  tableReferenced,
  columnTypeWidened,
  ...ofPlan.low,
  columnJson,
  ifNotExistsPassesOver,
  lockTimeoutLoosened,
  tableWithoutPrimaryKey,
  allowanceRefused,
  allowanceUnused,
];
