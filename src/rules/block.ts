import type { Node } from '../sql/ast.js';
import { actionsOf, kindOf } from '../sql/ast.js';
import type { Block } from '../sql/block.js';
import type { Statement } from '../sql/parse.js';
import codeBlock from './code-block.js';
import type { Made } from './made.js';
import { remember } from './made.js';
import type { Hit, Rule } from './rule.js';

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

/** What a block makes may be made or not; what it drops, renames or moves is not sure from there on. */
export function rememberPart({ node, block }: Statement, made: Made): void {
  if (!block) return remember(node, made);
  for (const each of block.nodes) if (!/^(Create|View|Index|Select)/.test(kindOf(each))) remember(each, made);
  if (block.unknown.length) made.newTables.clear();
}
