import { effectsOf } from '../locks/effects-of.js';
import type { Schema } from '../schema/model.js';
import { isConstrained, isNew, typeNamed } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import type { Context } from './rule.js';

/** What rules may ask of the schema. It changes with each statement, and so do the answers. */
export const contextOf = (schema: Schema, postgres = schema.postgres): Context => ({
  newTables: { has: (name) => isNew(schema, name) },
  newTypes: {
    has: (name) => {
      const type = typeNamed(schema, name);
      return type !== undefined && type.isNew && !isConstrained(schema, type);
    },
  },
  ...(postgres === undefined ? {} : { postgres }),
  schema,
});

/** With what the lock model says of the statement, where it knows it. */
export function withEffects(action: Node, context: Context): Context {
  const effects = effectsOf(action, context.schema, context.postgres);
  return effects.shape === '' ? context : { ...context, effects };
}
