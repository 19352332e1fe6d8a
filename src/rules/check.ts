import type { Coverage, Finding } from '../domain/plan.js';
import type { Node } from '../sql/ast.js';
import { kindOf, kindOfAction } from '../sql/ast.js';
import type { Parsed, Statement, Unreadable } from '../sql/parse.js';
import { leftOf, lowered, notesOf } from './allowing.js';
import { rules } from './catalogue.js';
import { actionsIn, applyBlock, foundIn, type Found } from './block.js';
import codeBlock from './code-block.js';
import { isBookkeeping, isHarmless } from './harmless.js';
import { apply } from '../schema/apply.js';
import { forget } from '../schema/empty.js';
import type { Schema } from '../schema/model.js';
import { contextOf, ContextOfAction } from './context.js';
import { followColumns } from './added-columns.js';
import type { Context, Hit, Rule, StatementKind } from './rule.js';
import { finding } from './finding.js';
import { heldBy } from './held.js';
import { withModel } from './relations.js';
import { touchesOnlyNew } from './touched.js';
import transactionLeftOpen from './transaction-left-open.js';
import type { TransactionRun } from './transaction-run.js';
import { followFrame, followLocks, followStatement, plainRun, transactionOf } from './transaction-run.js';
import unknownStatement from './unknown-statement.js';
import unreadableSql from './unreadable-sql.js';

/** Where the SQL comes from. */
export interface Source {
  /** As people find it; for a revision its Python file. */
  file: string;
  revision?: string;
  /** Whether a line of the SQL is a line of the file. Alembic renders the SQL of a revision: it is none. */
  linesOfFile: boolean;
  /** Where a statement, by its place in the SQL, stands in a file that the SQL was rendered from. */
  lineAt?: (offset: number) => number | undefined;
  /** Whether the BEGIN or COMMIT at that place is the runner's, which Alembic prints for its autocommit_block. */
  isRunners?: (offset: number) => boolean;
  /** Major version of the server, where it is known. */
  postgres?: number;
  /** Alembic's own table, without its schema; `alembic_version` unless env.py names another. */
  versionTable?: string;
  /** All of it runs in one transaction that was begun before it, as Alembic does unless it is told otherwise. */
  inTransaction?: boolean;
}

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
  const findings: Finding[] = [];
  const coverage = { analysed: 0, total: 0 };
  for (const part of parsed) {
    if ('node' in part && isBookkeeping(part.node, source.versionTable)) {
      findings.push(...told(follow(part, source, context, run), part, source));
      continue;
    }
    const found =
      'node' in part ? judge(part, context, run) : [{ rule: unreadableSql, hit: unreadable(part) }];
    if (!('node' in part)) forget(schema, 'SQL that could not be read');
    findings.push(...told(found, part, source));
    coverage.total += 1;
    if (!found.some(({ rule }) => unread.has(rule))) coverage.analysed += 1;
  }
  return { findings: [...findings, ...leftOpen(source, run)], coverage };
}

/** Found in what is not analysed. */
const unread: ReadonlySet<Rule> = new Set([unknownStatement, unreadableSql, codeBlock]);

const none: readonly Finding[] = [];

/** Findings of one part, those that its notes allow at a lower risk, and what is to be said of the notes. */
function told(found: readonly Found[], part: Parsed, source: Source): readonly Finding[] {
  if (found.length === 0 && !part.notes && !part.below) return none;
  const findings = found.map(({ rule, hit }) => finding(rule, hit, part, source));
  if (!part.notes && !part.below) return findings;
  const { own, below } = notesOf(part);
  return [
    ...findings.map((each) => lowered(each, own)),
    ...leftOf([...own, ...below]).map(({ rule, note: { line, text }, message }) =>
      finding(rule, { message, relations: [] }, { ...part, text: `lockkeeper: ${text}`, line }, source),
    ),
  ];
}

/** BEGIN, COMMIT and the like, and Alembic's own table, of which there is nothing to say. */
function follow(part: Statement, source: Source, context: Context, run: TransactionRun): Found[] {
  if (!('TransactionStmt' in part.node)) return [];
  const own = run.managed && (source.isRunners?.(part.offset) ?? true);
  const found = own
    ? []
    : hits(part.node, new ContextOfAction(part.node, context, run, transactionOf(run)), false);
  followFrame(run, part, own);
  apply(context.schema, part.node);
  return found;
}

/** One command of ALTER TABLE after the other; what was found twice is told once. */
function judge(part: Statement, context: Context, run: TransactionRun): Found[] {
  const all: Found[] = [];
  for (const action of actionsIn(part)) {
    const transaction = transactionOf(run);
    if (part.block) transaction.state = 'open';
    const here = new ContextOfAction(action, context, run, transaction);
    const found = judgeAction(action, here);
    followColumns(run.newColumns, action);
    if (run.state !== 'none') followLocks(run, heldBy(action, found, here), part.text);
    if (!part.block) apply(context.schema, action);
    all.push(...found);
  }
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

function judgeAction(action: Node, context: Context): Found[] {
  const onlyNew = touchesOnlyNew(action, context.newTables);
  const found = hits(action, context, onlyNew);
  if (found.some(({ rule }) => !rule.aboutRun) || onlyNew || isHarmless(action)) return found;
  return [...found, { rule: unknownStatement, hit: unknown(action) }];
}

function hits(action: Node, context: Context, onlyNew: boolean): Found[] {
  const found: Found[] = [];
  for (const rule of rulesOn(kindOfAction(action))) {
    const hit = onlyNew && !rule.alsoNew ? undefined : rule.check?.(action, context);
    if (hit) found.push({ rule, hit: rule.aboutRun ? hit : withModel(hit, context) });
  }
  return found;
}

/** A file that begins a transaction and does not end it. */
function leftOpen(source: Source, run: TransactionRun): Finding[] {
  if (run.managed || !run.begun) return [];
  const hit = { message: 'nothing ends the transaction that begins here', relations: [] };
  return [finding(transactionLeftOpen, hit, run.begun, source)];
}

const asked = new Map<StatementKind, readonly Rule[]>();
function rulesOn(kind: StatementKind): readonly Rule[] {
  let known = asked.get(kind);
  if (!known) {
    known = rules.filter(({ on, check: asks }) => asks !== undefined && (on?.includes(kind) ?? true));
    asked.set(kind, known);
  }
  return known;
}

const unknown = (action: Node): Hit => ({
  message: `nothing is known about this statement (${kindOf(action)}), so it counts as dangerous`,
  relations: [],
});

const unreadable = ({ why }: Unreadable): Hit => ({
  message: `this could not be read as SQL: ${why}`,
  relations: [],
});
