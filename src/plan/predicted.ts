import { lockModes, type LockMode } from '../domain/plan.js';
import { identifier, inCatalog, isQualified, localOf, partsOf } from '../domain/sql-name.js';
import { effectsOf } from '../locks/effects-of.js';
import type { Effects, RelationEffect } from '../locks/effects.js';
import { actionsIn } from '../rules/block.js';
import type { Schema } from '../schema/model.js';
import type { Parsed } from '../sql/parse.js';

/** What the lock model says of a statement, of which a rehearsal has measured another thing. */
export class Predicted {
  readonly #relations: readonly RelationEffect[];
  readonly #text: string;

  /** @param schema - before the statement */
  constructor(parsed: readonly Parsed[], schema: Schema, postgres: number) {
    const actions = parsed.flatMap((part) => ('node' in part ? actionsIn(part) : []));
    this.#relations = actions.flatMap((action) => known(effectsOf(action, schema, postgres)));
    this.#text = parsed.map(({ text }) => text.toLowerCase()).join('\n');
  }

  /** The strongest lock that it was to take there; null: none. */
  lockOn(name: string): LockMode | null {
    const strongest = this.#on(name).reduce((most, { lock }) => Math.max(most, lockModes.indexOf(lock)), -1);
    return lockModes[strongest] ?? null;
  }

  rewrites = (name: string): boolean => this.#on(name).some((effect) => effect.rewrites);

  /** Whether the statement says the name: whoever reads it knows that this table is worked on. */
  names = (name: string): boolean => this.#text.includes(inCatalog(localOf(name)).toLowerCase());

  /** Where the statement says no schema the name alone must do: env.py may have set a path that is not known here. */
  #on(name: string): readonly RelationEffect[] {
    const key = asKey(name);
    return this.#relations.filter(
      (effect) =>
        asKey(effect.key) === key || (!isQualified(effect.name) && asKey(effect.name) === localOf(key)),
    );
  }
}

const known = ({ shape, relations }: Effects): readonly RelationEffect[] => (shape === '' ? [] : relations);

/** `quote_ident` quotes words that the model leaves as they are. */
export function asKey(name: string): string {
  const [place, local] = partsOf(name);
  const plain = identifier(inCatalog(local));
  return place ? `${identifier(inCatalog(place))}.${plain}` : plain;
}
