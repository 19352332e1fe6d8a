import type { Effects } from '../locks/effects.js';
import { effectsOf } from '../locks/effects-of.js';
import type { Schema } from '../schema/model.js';
import { isConstrained, isNew, typeNamed } from '../schema/resolve.js';
import type { Node } from '../sql/ast.js';
import type { Context } from './rule.js';
import type { Transaction } from './transaction.js';
import type { TransactionRun } from './transaction-run.js';

/** What rules may ask of the schema. It changes with each statement, and so do the answers. */
export const contextOf = (schema: Schema, postgres = schema.postgres): Context => ({
  newTables: { has: (name) => isNew(schema, name) },
  newTypes: {
    has: (name) => {
      const type = typeNamed(schema, name);
      return type !== undefined && type.isNew && !isConstrained(schema, type);
    },
  },
  postgres,
  schema,
});

/** The context of one statement, or command of ALTER TABLE, until the schema changes. */
export class ContextOfAction implements Context {
  readonly newTables: Context['newTables'];
  readonly newTypes: Context['newTypes'];
  readonly postgres: number | undefined;
  readonly schema: Schema;
  readonly newColumns: TransactionRun['newColumns'];
  #effects: Effects | undefined;

  constructor(
    readonly action: Node,
    { newTables, newTypes, postgres, schema }: Context,
    { newColumns }: TransactionRun,
    readonly transaction: Transaction,
  ) {
    this.newTables = newTables;
    this.newTypes = newTypes;
    this.postgres = postgres;
    this.schema = schema;
    this.newColumns = newColumns;
  }

  /** The lock model is asked where somebody wants to know: of most statements nobody does. */
  get effects(): Effects | undefined {
    this.#effects ??= effectsOf(this.action, this.schema, this.postgres);
    return this.#effects.shape === '' ? undefined : this.#effects;
  }
}
