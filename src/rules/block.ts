import type { Node } from '../sql/ast.js';
import { actionsOf, kindOf } from '../sql/ast.js';
import type { Block } from '../sql/block.js';
import type { Statement } from '../sql/parse.js';
import codeBlock from './code-block.js';
import { apply } from '../schema/apply.js';
import { forget } from '../schema/empty.js';
import type { Schema } from '../schema/model.js';
import { relationNamed } from '../schema/resolve.js';
import type { Hit, Rule } from './rule.js';
import { isQuery, touchedBy } from './touched.js';

/** What one rule found. */
export interface Found {
  rule: Rule;
  hit: Hit;
}

/** What is judged by itself: commands of ALTER TABLE, and whatever a block of code may run. */
export const actionsIn = ({ node, block }: Statement): Node[] =>
  block ? block.nodes.flatMap(actionsOf) : actionsOf(node);

/** What was found in a block, and what nobody knows of it. */
export function foundIn({ unknown }: Block, found: readonly Found[]): Found[] {
  return [
    ...found.map(({ rule, hit }) => ({ rule, hit: { ...hit, message: `in the DO block: ${hit.message}` } })),
    ...unknown.map((why) => ({
      rule: codeBlock,
      hit: { message: `what the DO block does is not known before it runs: ${why}`, relations: [] },
    })),
  ];
}

/**
 * Nobody knows which of a block's statements run: what it may make, change or drop is not sure from there on.
 * Only new tables that it does not touch stay new.
 */
export function applyBlock(schema: Schema, { nodes, unknown }: Block): void {
  if (unknown.length) return forget(schema, 'a DO block');
  if (nodes.every(isQuery)) return nodes.forEach((node) => apply(schema, node));
  const touched = new Set(nodes.flatMap(touchedBy).map((name) => relationNamed(schema, name)));
  const sure = [...schema.relations].filter(([, relation]) => relation.isNew && !touched.has(relation));
  const types = nodes.some((node) => /Enum|Domain|Type|Drop|Rename|Schema/.test(kindOf(node)))
    ? []
    : [...schema.types].filter(([, type]) => type.isNew);
  forget(schema, 'a DO block');
  for (const [key, relation] of sure) schema.relations.set(key, relation);
  for (const [key, type] of types) schema.types.set(key, type);
}
