import type { LockedRelation, LockMode, StatementForecast } from '../domain/plan.js';
import type { Risk } from '../domain/risk.js';
import type { Effects } from '../locks/effects.js';
import type { Schema } from '../schema/model.js';
import type { AlterTableCmd, Kind, Node } from '../sql/ast.js';
import type { NewColumn } from './added-columns.js';
import type { Transaction } from './transaction.js';

/** Names as a statement has them: `orders`, `sales.orders`, `"Order"`. */
export interface Names {
  has: (name: string) => boolean;
}

/** What a rule may know besides the statement. */
export interface Context {
  /** Tables, views, sequences and indexes made earlier in the same plan: empty, and nobody uses them yet. */
  newTables: Names;
  /** Types made earlier in the same plan that are no domains with a condition. */
  newTypes: Names;
  /** Major version of the target's server, such as 16, where it is known. */
  postgres?: number | undefined;
  /** The schema before this statement. */
  schema: Schema;
  /** What the statement does to relations, from the lock model. */
  readonly effects?: Effects | undefined;
  /** Columns that the run has added to tables that were there. */
  newColumns?: ReadonlyMap<string, NewColumn>;
  /** What shares a transaction with the statement. */
  transaction?: Transaction;
}

/** What a rule found in one statement. */
export interface Hit {
  /** What is wrong, naming the table and the object; lower case, no full stop. */
  message: string;
  relations: readonly LockedRelation[];
  /** It will fail when it runs, for certain. */
  fails?: true;
  /** Where this statement is more or less dangerous than the rule is as a rule. */
  risk?: Risk;
  /** Where it differs from what the rule says of itself. */
  dataLoss?: boolean;
  breaksRunning?: boolean;
  /** What it rests on besides the statement. */
  evidence?: 'catalog';
  /** Why the verdict could be another one with what is not known here: one sentence, lower case, no full stop. */
  unsure?: string;
  /** A table that the settings call large, and that it works on while others wait: no rule says it. */
  large?: string;
  /** From the lock model and the sizes of tables: no rule says it. */
  forecast?: StatementForecast;
}

/** What a statement is, as rules ask for it: its kind, or of ALTER TABLE the kind of its command (`AT_AddColumn`). */
export type StatementKind = Kind | NonNullable<AlterTableCmd['subtype']>;

/** One thing that can go wrong, whole: how it is found, why it matters, what to write instead. */
export interface Rule {
  /** Also the file's name, the page in docs/rules, and the word that allows it. */
  id: string;
  risk: Risk;
  /** What happens, and why that matters. */
  effect: string;
  /** Who waits for what, and until when; `nobody` where nobody does. */
  blocks: string;
  /** Whether rows or values are gone, or other ones, afterwards. */
  dataLoss?: true;
  /** Whether the release that runs now may fail once this is done. */
  breaksRunning?: true;
  instead: { says: string; sql: string; alembic: string };
  /** SQL, or the Python of a revision where `language` says so. */
  /** The only statements that `check` is asked about, so that 7,000 statements take no longer than they must; absent: all. */
  on?: readonly StatementKind[];
  bad: string;
  good: string;
  /** DDL of the schema that its examples are about, where it finds nothing without one. */
  needs?: string;
  language?: 'python';
  /** Whether it also looks at statements that touch only tables made in the same plan. */
  alsoNew?: true;
  /** It speaks of the transaction, not of what the statement is: one that it finds may still be unknown. */
  aboutRun?: true;
  /**
   * Looks at one statement; ALTER TABLE comes one command at a time.
   * Absent where `checkAtEnd`, check.ts or the plan itself finds it.
   */
  check?(statement: Node, context: Context): Hit | undefined;
  /**
   * Looks at one statement before it is done, for what a later one may still mend: it is judged when the whole run
   * is done, or the file.
   */
  checkAtEnd?(statement: Node, context: Context): AtEnd | undefined;
}

/** What judges a statement at the end of the run. */
export interface AtEnd {
  /** Of several statements about the same thing the first is judged; absent: each. */
  about?: string;
  /** @param schema - as the whole run leaves it */
  judge: (schema: Schema) => Hit[];
}

export const defineRule = (rule: Rule): Rule => rule;

/** A relation with its lock, and whom that keeps waiting (PostgreSQL's manual, table 13.2). */
export function locked(name: string, lock: LockMode): LockedRelation {
  return { name, lock, blocks: blocked[lock] };
}

const blocked: Record<LockMode, LockedRelation['blocks']> = {
  'ACCESS SHARE': 'nothing',
  'ROW SHARE': 'nothing',
  'ROW EXCLUSIVE': 'nothing',
  'SHARE UPDATE EXCLUSIVE': 'nothing',
  SHARE: 'writes',
  'SHARE ROW EXCLUSIVE': 'writes',
  EXCLUSIVE: 'writes',
  'ACCESS EXCLUSIVE': 'reads and writes',
};
