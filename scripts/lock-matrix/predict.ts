import type { Schema } from '../../src/schema/model.js';
import { actionsIn } from '../../src/rules/block.js';
import { parse } from '../../src/sql/parse.js';
import { effectsOf } from '../../src/locks/effects-of.js';
import type { Effects } from '../../src/locks/effects.js';
import { mergeEffects } from '../../src/locks/merge.js';
import { noted } from '../../src/locks/notation.js';
import type { Case } from './case.js';
import { runsAlone } from './case.js';

/** What the model says of a case. */
export async function predict({ sql }: Case, schema: Schema, postgres: number): Promise<Effects> {
  const effects: Effects[] = [];
  for (const part of await parse(sql)) {
    if (!('node' in part)) throw new Error(`cannot be read: ${part.why}: ${sql}`);
    effects.push(...actionsIn(part).map((action) => effectsOf(action, schema, postgres)));
  }
  return { ...mergeEffects(effects), ...failureOf(effects) };
}

const failureOf = (effects: readonly Effects[]): Pick<Effects, 'fails'> => {
  const fails = effects.find((each) => each.fails !== undefined)?.fails;
  return fails === undefined ? {} : { fails };
};

/** In the notation of what was measured: what happens inside of a transaction, or to one that must be without. */
export const outcomeOf = (one: Case, effects: Effects): string => {
  const fails =
    effects.needsNoTransaction && !runsAlone(one.sql) ? 'it runs in no transaction' : effects.fails;
  return fails === undefined ? notedEffects(one, effects) : `refused: ${fails}`;
};

/** Of statements that were watched from outside without indexes. */
const notedEffects = (one: Case, { relations }: Effects): string =>
  noted(
    relations
      .filter(({ kind }) => kind !== 'index' || !runsAlone(one.sql))
      .map((effect) => ({
        ...effect,
        name: effect.key.replace(/^public\./, ''),
        scans: effect.scans && !runsAlone(one.sql),
      })),
  );
