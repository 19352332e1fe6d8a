import type { Coverage, Finding } from '../domain/plan.js';
import type { Node } from '../sql/ast.js';
import { kindOf, kindOfAction } from '../sql/ast.js';
import type { Parsed, Statement, Unreadable } from '../sql/parse.js';
import { awaitEnd, foundAtEnd } from './at-end.js';
import { rules } from './catalogue.js';
import { actionsIn, applyBlock, foundIn, type Found } from './block.js';
import codeBlock from './code-block.js';
import failsInTransaction, { refusedIn } from './fails-in-transaction.js';
import { isBookkeeping, isHarmless } from './harmless.js';
import { apply } from '../schema/apply.js';
import { forget } from '../schema/empty.js';
import type { Schema } from '../schema/model.js';
import { contextOf, ContextOfAction } from './context.js';
import { followColumns } from './added-columns.js';
import type { Context, Hit, Rule, StatementKind } from './rule.js';
import { finding } from './finding.js';
import { heldBy } from './held.js';
import { ownHits } from './own.js';
import { largeIn } from './policy.js';
import { withModel } from './relations.js';
import { told, type Source } from './told.js';
import { touchesOnlyNew } from './touched.js';
import transactionLeftOpen from './transaction-left-open.js';
import type { TransactionRun } from './transaction-run.js';
import { followFrame, followLocks, followStatement, plainRun, transactionOf } from './transaction-run.js';
import unknownStatement from './unknown-statement.js';
import unreadableSql from './unreadable-sql.js';

export type { Source } from './told.js';

export interface Checked {
  findings: Finding[];
  /** Alembic's own statements are not counted. */
  coverage: Coverage;
}

/**
 * Judges SQL that was read. Statements are judged in order: what an earlier one made is new for a later one,
 * so the schema is carried from revision to revision of one plan, and changed with each statement; as is `run`.
 */
export function check(
  parsed: readonly Parsed[],
  source: Source,
  schema: Schema,
  run: TransactionRun = plainRun(source.inTransaction),
): Checked {
  const { postgres } = source;
  const context = contextOf(schema, postgres);
  const judged: { part: Parsed; found: Found[] }[] = [];
  const coverage = { analysed: 0, total: 0 };
  for (const part of parsed) {
    if ('node' in part && isBookkeeping(part.node, source.versionTable)) {
      judged.push({ part, found: follow(part, source, context, run) });
      continue;
    }
    const found =
      'node' in part ? judge(part, source, context, run) : [{ rule: unreadableSql, hit: unreadable(part) }];
    if (!('node' in part)) forget(schema, 'SQL that could not be read');
    judged.push({ part, found });
    coverage.total += 1;
    if (!found.some(({ rule }) => unread.has(rule))) coverage.analysed += 1;
  }
  // A run of several revisions ends with the last of them.
  const atEnd = run.managed ? [] : foundAtEnd(run, schema);
  if (atEnd.length > 0) {
    const by = new Map(judged.map(({ part, found }) => [part, found]));
    for (const { part, rule, hit } of atEnd) by.get(part)?.push({ rule, hit });
  }
  const findings = judged.flatMap(({ part, found }) => told(found, part, source));
  return { findings: [...findings, ...leftOpen(source, run)], coverage };
}

/** Found in what is not analysed. */
const unread: ReadonlySet<Rule> = new Set([unknownStatement, unreadableSql, codeBlock]);

/** BEGIN, COMMIT and the like, and Alembic's own table, of which there is nothing to say. */
function follow(part: Statement, source: Source, context: Context, run: TransactionRun): Found[] {
  if (!('TransactionStmt' in part.node)) return [];
  const own = run.managed && (source.isRunners?.(part.offset) ?? true);
  const found = own
    ? []
    : hits(part.node, new ContextOfAction(part.node, context, run, transactionOf(run)), false, source);
  followFrame(run, part, own);
  apply(context.schema, part.node);
  return found;
}

/** One command of ALTER TABLE after the other; what was found twice is told once. */
function judge(part: Statement, source: Source, context: Context, run: TransactionRun): Found[] {
  const all: Found[] = [];
  for (const action of actionsIn(part)) {
    const transaction = transactionOf(run);
    if (part.block) transaction.state = 'open';
    const here = new ContextOfAction(action, context, run, transaction);
    const found = judgeAction(action, here, part, source);
    if (!part.block) awaitEnd(run, rulesAtEnd(kindOfAction(action)), action, here, { part, source });
    followColumns(run.newColumns, action);
    if (run.state !== 'none') followLocks(run, heldBy(action, found, here), part.text);
    if (!part.block) apply(context.schema, action);
    all.push(...found);
  }
  const cannotCommit = part.block?.commits && refusedIn(run.state, 'the COMMIT in it');
  if (cannotCommit) all.push({ rule: failsInTransaction, hit: cannotCommit });
  if (part.block) applyBlock(context.schema, part.block);
  // ROLLBACK is no bookkeeping: what was made before it is gone.
  if ('TransactionStmt' in part.node) followFrame(run, part, false);
  else followStatement(run, part.node, part.text);
  const found = part.block ? foundIn(part.block, all) : all;
  if (found.length < 2) return found;
  return found.filter(
    ({ rule, hit }, at) =>
      found.findIndex((other) => other.rule === rule && other.hit.message === hit.message) === at,
  );
}

function judgeAction(action: Node, context: Context, part: Statement, source: Source): Found[] {
  const onlyNew = touchesOnlyNew(action, context.newTables);
  const found = hits(action, context, onlyNew, source);
  const known = found.some(({ rule }) => !rule.aboutRun) || onlyNew || isHarmless(action);
  if (!known) found.push({ rule: unknownStatement, hit: unknown(action) });
  const { own = [] } = source.policy ?? {};
  if (own.length === 0) return found;
  const place = { file: source.file, statement: part.text };
  return [...found, ...ownHits(own, action, context, onlyNew, place).map(sized(context, source))];
}

/** With the large table that it works on, where the settings call one so. */
const sized =
  ({ effects, schema }: Context, { policy }: Source) =>
  ({ rule, hit }: Found): Found => {
    const large = largeIn(hit, effects, schema, policy);
    return { rule, hit: large === undefined ? hit : { ...hit, large } };
  };

function hits(action: Node, context: Context, onlyNew: boolean, source: Source): Found[] {
  const found: Found[] = [];
  for (const rule of rulesOn(kindOfAction(action))) {
    const hit = onlyNew && !rule.alsoNew ? undefined : rule.check?.(action, context);
    if (hit) found.push({ rule, hit: rule.aboutRun ? hit : withModel(hit, context) });
  }
  return source.policy?.largeTableGiB === undefined ? found : found.map(sized(context, source));
}

/** A file that begins a transaction and does not end it. */
function leftOpen(source: Source, run: TransactionRun): Finding[] {
  if (run.managed || !run.begun) return [];
  const hit = { message: 'nothing ends the transaction that begins here', relations: [] };
  return [finding(transactionLeftOpen, hit, run.begun, source)];
}

/** The rules that want to know of a kind of statement; the list of a kind is made once. */
function asking(wants: (rule: Rule) => boolean): (kind: StatementKind) => readonly Rule[] {
  const asked = new Map<StatementKind, readonly Rule[]>();
  return (kind) => {
    let known = asked.get(kind);
    if (!known)
      asked.set(kind, (known = rules.filter((rule) => wants(rule) && (rule.on?.includes(kind) ?? true))));
    return known;
  };
}
const rulesOn = asking(({ check: judges }) => judges !== undefined);
const rulesAtEnd = asking(({ checkAtEnd }) => checkAtEnd !== undefined);

const unknown = (action: Node): Hit => ({
  message: `nothing is known about this statement (${kindOf(action)}), so it counts as dangerous`,
  relations: [],
});

const unreadable = ({ why }: Unreadable): Hit => ({
  message: `this could not be read as SQL: ${why}`,
  relations: [],
});
