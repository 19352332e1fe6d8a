import type { StatementAsk } from '../../adapters/alembic/events.js';
import { inCatalog, localOf } from '../../domain/sql-name.js';
import { stalls } from '../../locks/conflicts.js';
import { buildOf, type Build } from './builds.js';
import { wantedBy, type Wanted } from '../../locks/wanted.js';
import { apply } from '../../schema/apply.js';
import { emptySchema, forget } from '../../schema/empty.js';
import type { Schema } from '../../schema/model.js';
import { isNew } from '../../schema/resolve.js';
import { actionsOf, kindOf, read, type Kind } from '../../sql/ast.js';
import { parse, type Parsed } from '../../sql/parse.js';

/** What the worker knows of a statement before it is sent. */
export interface SentSql extends Wanted {
  /** Others wait for what the open transaction holds already: tables, or rows. */
  holds: boolean;
  /** An index that it builds CONCURRENTLY. */
  build?: Build | undefined;
  /** A query, which never needs a strong lock on a table; `bookkeeping`: Alembic's, of its version table. */
  query: 'project' | 'bookkeeping' | null;
}

/** Longer texts are cut by the bridge. */
const CUT_AT = 100_000;
const QUERY = /^(?:select|insert|update|delete|merge|with|values|copy|table)\b/i;
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/;
const NAME = /((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)/.source;
const LOCKS_ROWS = new RegExp(`\\b(?:update|delete\\s+from|merge\\s+into)\\s+(?:only\\s+)?${NAME}`, 'gi');
const BOOKKEEPING = new RegExp(`^(?:insert\\s+into|update|delete\\s+from)\\s+${NAME}`, 'i');

/** What may go without a question of its own. A table that is dropped may be moved in place of that; what builds takes its time. */
const GRANTED: ReadonlySet<Kind> = new Set<Kind>([
  'AlterSeqStmt',
  'AlterTableStmt',
  'CommentStmt',
  'CreateFunctionStmt',
  'CreateTrigStmt',
  'DropStmt',
  'RenameStmt',
]);
const MOST_GRANTED = 200;

const NOTHING: Wanted = { locks: [], brief: false, single: false, locksRows: false, unknown: false };

/** Follows a migration statement by statement: what is there by now, what its open transaction has made and locked. */
export class SqlSent {
  readonly #schema: Schema;
  readonly #versionTable: string;
  #holds = false;
  /** Relations that nobody else can have now: the open transaction has the strongest lock on them. */
  readonly #own = new Set<string>();
  #sent: { parts: readonly Parsed[]; wanted: Wanted } | undefined;
  #statements = 0;
  #committedMidway = false;
  #inTransaction = false;
  /** Statements that count as done, and of which `done` was not told yet. */
  #untold = 0;

  /** @param schema - of the catalog, before the migration; changed with each statement */
  constructor(schema: Schema | undefined, versionTable: string) {
    this.#schema = schema ?? emptySchema();
    this.#versionTable = versionTable;
  }

  /** A revision begins. @param inTransaction - one that earlier revisions are part of */
  revision(inTransaction: boolean): void {
    if (!inTransaction) this.#ended();
    this.#statements = 0;
    this.#committedMidway = false;
  }

  /** What an autocommit block has committed of this revision would be done twice by another start of it. */
  get committedMidway(): boolean {
    return this.#committedMidway;
  }

  /** @returns what the statement needs; until `done` it counts as not sent */
  async look({ sql, inTransaction }: StatementAsk): Promise<SentSql> {
    if (this.#untold > 0) this.#astray();
    this.#inTransaction = inTransaction;
    if (!inTransaction) {
      this.#ended();
      this.#committedMidway ||= this.#statements > 0;
    }
    this.#statements += 1;
    const text = sql.replace(LEADING, '');
    const query = !QUERY.test(text) ? null : this.#isBookkeeping(text) ? 'bookkeeping' : 'project';
    const parts = query || sql.length >= CUT_AT ? [] : await parse(sql);
    const wanted = query ? this.#query(text) : this.#other(parts, sql.length >= CUT_AT);
    this.#sent = { parts, wanted };
    const locks = wanted.locks.filter(({ name }) => !this.#own.has(name));
    return { ...wanted, locks, holds: this.#holds, query, build: buildOf(parts, this.#schema) };
  }

  /**
   * Finds out which of the statements that should come next need no look, as the open transaction has, or has made, all that they
   * lock. They count as done from here on, together with the one that was looked at last.
   *
   * @param next - without what stands before and behind a statement
   * @returns those from the first on
   */
  async ahead(next: readonly string[]): Promise<string[]> {
    const granted: string[] = [];
    if (!this.#sent || !(this.#inTransaction || isLock(this.#sent.parts))) return granted;
    for (const text of next.slice(0, MOST_GRANTED)) {
      const parts = text.length >= CUT_AT ? [] : await parse(text);
      if (!isGranted(parts)) break;
      if (granted.length === 0) this.#apply(this.#sent);
      const wanted = wantedBy(parts, this.#schema, this.#schema.postgres);
      if (wanted.unknown || wanted.brief || !wanted.locks.every(({ name }) => this.#own.has(name))) break;
      this.#apply({ parts, wanted });
      granted.push(text);
    }
    this.#statements += granted.length;
    if (granted.length) this.#untold = granted.length + 1;
    return granted;
  }

  /** The statement that was looked at last is done, or one that went without a look. */
  done(): void {
    if (this.#untold > 0) this.#untold -= 1;
    else if (this.#sent) this.#apply(this.#sent);
    if (this.#untold === 0) this.#sent = undefined;
  }

  /** What counts as done was not sent: what is there, and who has it, is not known any more. */
  #astray(): void {
    this.#untold = 0;
    this.#sent = undefined;
    this.#own.clear();
    forget(this.#schema, 'other statements were sent than the revision was rendered to');
  }

  #apply({ parts, wanted }: { parts: readonly Parsed[]; wanted: Wanted }): void {
    if (!wanted.brief)
      for (const { name, lock } of wanted.locks) if (lock === 'ACCESS EXCLUSIVE') this.#own.add(name);
    this.#holds ||= wanted.locksRows || (!wanted.brief && wanted.locks.some(({ lock }) => stalls(lock)));
    for (const part of parts)
      if ('node' in part) for (const action of actionsOf(part.node)) apply(this.#schema, action);
    if (wanted.unknown) forget(this.#schema, 'a statement of which nobody knows what it does');
  }

  #isBookkeeping(text: string): boolean {
    const [, name = ''] = BOOKKEEPING.exec(text) ?? [];
    return inCatalog(localOf(name)) === this.#versionTable;
  }

  #query(text: string): Wanted {
    const tables = [...text.matchAll(LOCKS_ROWS)].map(([, name = '']) => name);
    const old = tables.filter((name) => !isNew(this.#schema, name) && !this.#isBookkeeping(text));
    return { ...NOTHING, locksRows: old.length > 0 };
  }

  #other(parts: readonly Parsed[], cut: boolean): Wanted {
    return cut ? { ...NOTHING, unknown: true } : wantedBy(parts, this.#schema, this.#schema.postgres);
  }

  /** The transaction has ended: what it made is there for everybody now, and it holds nothing any more. */
  #ended(): void {
    this.#holds = false;
    this.#own.clear();
    for (const relation of this.#schema.relations.values()) relation.isNew = false;
  }
}

const isLock = ([first]: readonly Parsed[]): boolean =>
  first !== undefined && 'node' in first && kindOf(first.node) === 'LockStmt';

function isGranted(parts: readonly Parsed[]): boolean {
  const [only] = parts;
  if (parts.length !== 1 || !only || !('node' in only) || !GRANTED.has(kindOf(only.node))) return false;
  const drop = read(only.node, 'DropStmt');
  return !drop || (drop.removeType !== 'OBJECT_TABLE' && !drop.concurrent);
}
