import type { Schema } from '../../schema/model.js';
import type { Content } from '../../sql/ast.js';
import { nameOfObject } from '../../sql/ast.js';

export type Drop = Content<'DropStmt'>;

export const cascades = (drop: Drop): boolean => drop.behavior === 'DROP_CASCADE';
export const namesOf = (drop: Drop): string[] => (drop.objects ?? []).map(nameOfObject);

/** Objects that do not exist, where IF EXISTS says that they may not. */
export const isGone = (drop: Drop, schema: Schema, exists: boolean): boolean =>
  Boolean(drop.missing_ok) && schema.source !== 'none' && !exists;
