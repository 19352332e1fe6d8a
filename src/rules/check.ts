import type { Coverage, Finding } from '../domain/plan.js';
import type { Node } from '../sql/ast.js';
import { actionsOf, kindOf, kindOfAction } from '../sql/ast.js';
import type { Parsed, Statement, Unreadable } from '../sql/parse.js';
import { rules } from './catalogue.js';
import { isBookkeeping, isHarmless } from './harmless.js';
import type { Made } from './made.js';
import { remember } from './made.js';
import type { Context, Hit, Rule, StatementKind } from './rule.js';
import { touchesOnlyNew } from './touched.js';
import unknownStatement from './unknown-statement.js';
import unreadableSql from './unreadable-sql.js';

/** Where the SQL comes from. */
export interface Source {
  /** As people find it; for a revision its Python file. */
  file: string;
  revision?: string;
  /** Whether a line of the SQL is a line of the file. Alembic renders the SQL of a revision: it is none. */
  linesOfFile: boolean;
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
 * so `made` is carried from revision to revision of one plan.
 */
export function check(parsed: readonly Parsed[], source: Source, made: Made): Checked {
  const { postgres, versionTable } = source;
  const context: Context = { ...made, ...(postgres === undefined ? {} : { postgres }) };
  const findings: Finding[] = [];
  const coverage = { analysed: 0, total: 0 };
  for (const part of parsed) {
    if ('node' in part && isBookkeeping(part.node, versionTable)) continue;
    const found = 'node' in part ? judge(part, context) : [{ rule: unreadableSql, hit: unread(part) }];
    if ('node' in part) remember(part.node, made);
    findings.push(...found.map(({ rule, hit }) => finding(rule, hit, part, source)));
    coverage.total += 1;
    if (!found.some(({ rule }) => rule === unknownStatement || rule === unreadableSql))
      coverage.analysed += 1;
  }
  return { findings, coverage };
}

interface Found {
  rule: Rule;
  hit: Hit;
}

const judge = ({ node }: Statement, context: Context): Found[] =>
  actionsOf(node).flatMap((action) => judgeAction(action, context));

function judgeAction(action: Node, context: Context): Found[] {
  const onlyNew = touchesOnlyNew(action, context.newTables);
  const found: Found[] = [];
  for (const rule of rulesOn(kindOfAction(action))) {
    const hit = onlyNew && !rule.alsoNew ? undefined : rule.check?.(action, context);
    if (hit) found.push({ rule, hit });
  }
  if (found.length > 0 || onlyNew || isHarmless(action)) return found;
  return [{ rule: unknownStatement, hit: unknown(action) }];
}

const asked = new Map<StatementKind, readonly Rule[]>();
function rulesOn(kind: StatementKind): readonly Rule[] {
  const known = asked.get(kind) ?? rules.filter(({ on }) => on?.includes(kind) ?? true);
  asked.set(kind, known);
  return known;
}

const unknown = (action: Node): Hit => ({
  message: `nothing is known about this statement (${kindOf(action)}), so it counts as dangerous`,
  relations: [],
});

const unread = ({ why }: Unreadable): Hit => ({
  message: `this could not be read as SQL: ${why}`,
  relations: [],
});

const finding = (rule: Rule, hit: Hit, part: Parsed, source: Source): Finding => ({
  rule: rule.id,
  risk: hit.risk ?? rule.risk,
  ...(source.revision === undefined ? {} : { revision: source.revision }),
  file: source.file,
  ...(source.linesOfFile ? { line: part.line } : {}),
  statement: part.text,
  relations: hit.relations,
  dataLoss: rule.dataLoss ?? false,
  breaksRunning: rule.breaksRunning ?? false,
  evidence: 'static',
  message: hit.message,
  instead: rule.instead.says,
});
