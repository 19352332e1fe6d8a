/**
 * What a rule of a user's own is written with: `import { defineRule, read } from 'lockkeeper/rule'`. A rule may do
 * without: it is a plain object, and a statement is what PostgreSQL's parser makes of it.
 */
export { defineRule, locked } from './rules/rule.js';
export type { Context, Hit, Names, Rule, StatementKind } from './rules/rule.js';
export { identifier, inside, kindOf, nameOf, nameOfObject, read, readAll } from './sql/ast.js';
export type { Node } from './sql/ast.js';
export { relationNamed } from './schema/resolve.js';
export type { LockedRelation, LockMode } from './domain/plan.js';
export type { Risk } from './domain/risk.js';
