import type { Schema } from './model.js';
import { functionsNamed } from './resolve.js';
import type { Node } from '../sql/ast.js';
import { functionsIn, isVolatile } from '../sql/functions.js';

/**
 * The first function in an expression that may give every row another value. The catalog says so of the functions that
 * it has (of several of one name the worst counts); of others the list of PostgreSQL's own, and unknown ones count.
 */
export const volatileCall = (expression: Node | undefined, schema: Schema): string | undefined =>
  functionsIn(expression).find((name) => {
    const known = functionsNamed(schema, name);
    return known.length > 0 ? known.some(({ volatility }) => volatility === 'volatile') : isVolatile(name);
  });
