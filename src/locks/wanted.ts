import type { LockMode } from '../domain/plan.js';
import type { Schema } from '../schema/model.js';
import { isNew } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import { actionsOf, read } from '../sql/ast.js';
import type { Parsed, Statement } from '../sql/parse.js';
import { isStrong } from './conflicts.js';
import { effectsOf } from './effects-of.js';
import { isStronger } from './merge.js';

/** A lock that a statement needs on a relation that was there before its transaction. */
export interface WantedLock {
  /** As to_regclass() takes it: with its schema where that is known. */
  name: string;
  lock: LockMode;
}

/** What a text that a migration sends needs, as far as the lock model tells. */
export interface Wanted {
  /** SHARE UPDATE EXCLUSIVE and stronger, each relation once. */
  locks: readonly WantedLock[];
  /** Of those it gives some back before its transaction ends, as CONCURRENTLY does. */
  brief: boolean;
  /** It is one statement, and none that begins or ends a transaction: it can be taken back by a savepoint. */
  single: boolean;
  /** It locks rows that were there before, until its transaction ends. */
  locksRows: boolean;
  /** Nobody knows what it locks: a DO block, a call, SQL that could not be read. */
  unknown: boolean;
}

/**
 * What the statements of one text need to lock.
 *
 * @param schema - before the text. Relations of its `isNew` were made in the transaction that is open, and are free
 */
export function wantedBy(parts: readonly Parsed[], schema: Schema, postgres?: number): Wanted {
  const statements = parts.filter((part): part is Statement => 'node' in part);
  const all = statements.flatMap(({ node }) => actionsOf(node)).map((node) => ({ node, ...effects(node) }));
  function effects(node: Node) {
    const { shape, relations } = effectsOf(node, schema, postgres);
    return { shape, relations: relations.filter(({ name }) => !isNew(schema, name)) };
  }
  const relations = all.flatMap((each) => each.relations);
  const strong = relations.filter(({ lock }) => isStrong(lock));
  return {
    locks: strongest(strong.map(({ name, key, lock }) => ({ name: key.includes('.') ? key : name, lock }))),
    brief: strong.some(({ held }) => held === 'while it runs'),
    single: parts.length === 1 && statements.length === 1 && !read(statements[0]?.node, 'TransactionStmt'),
    locksRows: all.some(({ node, ...each }) => changesRows(node) && each.relations.length > 0),
    unknown: statements.length < parts.length || all.some(({ shape, node }) => !shape && !isFrame(node)),
  };
}

/** What a text takes that was read before, and still is to come: each relation once, with its strongest lock. */
export function strongest(all: readonly WantedLock[]): WantedLock[] {
  const known = new Map<string, WantedLock>();
  for (const each of all) {
    const before = known.get(each.name);
    if (!before || isStronger(each.lock, before.lock)) known.set(each.name, each);
  }
  return [...known.values()];
}

const isFrame = (node: Node): boolean => read(node, 'TransactionStmt') !== undefined;

/** Rows that an INSERT makes keep hardly anybody waiting. */
const changesRows = (node: Node): boolean =>
  'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node;
