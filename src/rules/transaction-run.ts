import type { LockedRelation } from '../domain/plan.js';
import type { Node } from '../sql/ast.js';
import { dotted, read } from '../sql/ast.js';
import type { Statement } from '../sql/parse.js';
import type { NewColumns } from './added-columns.js';
import type { AwaitingRun } from './at-end.js';
import type { AddedLabel, DoneStatement, HeldLock, Transaction } from './transaction.js';

/** All transactions of one run of the runner: which one is open, and what was done in it. Only `follow…` change it. */
export interface TransactionRun extends AwaitingRun {
  readonly managed: boolean;
  /** Where each revision has a transaction of its own. */
  readonly perRevision: boolean;
  state: Transaction['state'];
  /** Revision that runs. */
  revision?: string;
  held: HeldLock[];
  labels: AddedLabel[];
  newTypes: Set<string>;
  timeouts: Map<string, string>;
  /** Those that end with the transaction. */
  localTimeouts: Set<string>;
  done: DoneStatement[];
  /** Whether something in `done` stays if a later statement fails: kept, because all of it may be long. */
  leaves: boolean;
  /** Whether `leftBehind` was told already since the last commit. */
  told: boolean;
  /** The BEGIN by hand that nothing has ended yet. */
  begun?: Statement;
  newColumns: NewColumns;
  /** Transactions that have ended and that held locks of earlier revisions to their end. */
  ended: EndedTransaction[];
}

/** A transaction over several revisions, with the locks that it held to its end. */
export interface EndedTransaction {
  revisions: readonly string[];
  held: readonly HeldLock[];
}

const run = (managed: boolean, perRevision: boolean): TransactionRun => ({
  managed,
  perRevision,
  state: managed ? 'open' : 'none',
  held: [],
  labels: [],
  newTypes: new Set(),
  timeouts: new Map(),
  localTimeouts: new Set(),
  done: [],
  leaves: false,
  told: false,
  newColumns: new Map(),
  ended: [],
  awaited: [],
  awaitedAbout: new Set(),
});

/**
 * Alembic's run: one transaction around all revisions, or one each.
 *
 * @param perRevision - `transaction_per_migration` of env.py
 */
export const alembicRun = (perRevision: boolean): TransactionRun => run(true, perRevision);

/** A file given to psql: each statement commits by itself until a BEGIN, unless the runner opens a transaction. */
export const plainRun = (inTransaction = false): TransactionRun => run(inTransaction, false);

/** What the next statement shares its transaction with. */
export const transactionOf = (of: TransactionRun): Transaction => ({
  state: of.state,
  managed: of.managed,
  held: of.held,
  labels: of.labels,
  timeouts: of.timeouts,
  leftBehind: of.managed && !of.told && of.leaves ? of.done.filter(leavesSomething) : nothing,
});
const nothing: readonly DoneStatement[] = [];

/** Alembic begins with a revision. */
export function followRevision(of: TransactionRun, revision: string): void {
  if (of.perRevision) {
    delete of.revision; // the one before has written its row of the version table
    commit(of);
    of.state = 'open';
  }
  of.revision = revision;
}

/** Everything is done: what is still open is committed. */
export function followEnd(of: TransactionRun): void {
  delete of.revision;
  commit(of);
}

/**
 * BEGIN, COMMIT and the like.
 *
 * @param own - the runner's: Alembic prints its autocommit_block as `COMMIT; … BEGIN;`
 */
export function followFrame(of: TransactionRun, statement: Statement, own: boolean): void {
  const kind = read(statement.node, 'TransactionStmt')?.kind ?? '';
  const begins = /_(BEGIN|START)$/.test(kind) || read(statement.node, 'TransactionStmt')?.chain === true;
  const ends = /_(COMMIT|ROLLBACK)$/.test(kind);
  if (ends) commit(of);
  if (begins || ends) of.state = of.managed && !own ? 'unsure' : begins ? 'open' : 'none';
  if (ends) delete of.begun;
  if (begins && !own) of.begun = statement;
}

/** A statement was judged: what it made and set is so for the next one. Its locks: `followLocks`. */
export function followStatement(of: TransactionRun, node: Node, text: string): void {
  const { revision } = of;
  const where = revision === undefined ? {} : { revision };
  of.told ||= of.leaves;
  // Of what nobody manages, nobody asks what a failure leaves.
  if (of.managed) {
    const done = { text, committed: of.state === 'none', repeatable: isRepeatable(node), ...where };
    of.done.push(done);
    of.leaves ||= leavesSomething(done);
  }
  const made = read(node, 'CreateEnumStmt');
  if (made) of.newTypes.add(dotted(made.typeName));
  const changed = read(node, 'AlterEnumStmt');
  const type = dotted(changed?.typeName);
  if (changed?.newVal !== undefined && changed.oldVal === undefined && of.state !== 'none')
    of.labels.push({ type, label: changed.newVal, typeIsNew: of.newTypes.has(type), ...where });
  followSetting(of, node);
}

/** The locks that a statement holds until its transaction ends; on relations that are not new. */
export function followLocks(of: TransactionRun, locks: readonly LockedRelation[], statement: string): void {
  if (of.state === 'none') return;
  for (const lock of locks) {
    if (lock.blocks === 'nothing') continue;
    if (of.held.some(({ name, lock: mode }) => name === lock.name && mode === lock.lock)) continue;
    const held: HeldLock = { ...lock, statement };
    if (of.revision !== undefined) held.revision = of.revision;
    of.held.push(held);
  }
}

function followSetting(of: TransactionRun, node: Node): void {
  const set = read(node, 'VariableSetStmt');
  if (set?.kind === 'VAR_RESET_ALL') of.timeouts.clear();
  if (!set?.name || !/^(lock|statement|transaction)_timeout$/i.test(set.name)) return;
  const value = read(set.args?.[0], 'A_Const');
  const text = value?.sval?.sval ?? value?.fval?.fval ?? String(value?.ival?.ival ?? 0);
  const off = set.kind !== 'VAR_SET_VALUE' || /^0+\s*(us|ms|s|min|h|d)?$/.test(text.trim());
  if (off) of.timeouts.delete(set.name);
  else if (!set.is_local || of.state !== 'none') of.timeouts.set(set.name, text);
  if (set.is_local) of.localTimeouts.add(set.name);
  else of.localTimeouts.delete(set.name);
}

function commit(of: TransactionRun): void {
  const others = new Set(of.done.flatMap(({ revision }) => revision ?? []));
  if (others.size > 1) of.ended.push({ revisions: [...others], held: of.held });
  // The row in the version table of a revision that is over is committed with this transaction.
  of.done = of.done
    .filter(({ revision }) => revision !== undefined && revision === of.revision)
    .map((one) => ({ ...one, committed: true }));
  of.told = false;
  of.leaves = of.done.some(leavesSomething);
  of.held = [];
  of.labels = [];
  of.newTypes.clear();
  for (const name of of.localTimeouts) of.timeouts.delete(name);
  of.localTimeouts.clear();
}

const leavesSomething = ({ committed, repeatable: again }: DoneStatement): boolean => committed && !again;

/** IF EXISTS, IF NOT EXISTS, and what says the same twice as once. */
function isRepeatable(node: Node): boolean {
  const guarded =
    read(node, 'CreateStmt')?.if_not_exists ??
    read(node, 'IndexStmt')?.if_not_exists ??
    read(node, 'CreateSeqStmt')?.if_not_exists ??
    read(node, 'AlterEnumStmt')?.skipIfNewValExists ??
    read(node, 'DropStmt')?.missing_ok ??
    read(read(node, 'AlterTableStmt')?.cmds?.[0], 'AlterTableCmd')?.missing_ok;
  return guarded ?? repeatable.some((kind) => kind in node);
}
const repeatable = [
  'VariableSetStmt',
  'SelectStmt',
  'CommentStmt',
  'GrantStmt',
  'VacuumStmt',
  'TransactionStmt',
];
