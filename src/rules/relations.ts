import type { LockedRelation } from '../domain/plan.js';
import type { Effects, RelationEffect } from '../locks/effects.js';
import { forecastOf } from '../locks/forecast.js';
import { locked, type Context, type Hit } from './rule.js';

/** Of what fans out, such as the partitions of a table, so many are named. */
const NAMED = 5;

/** What a rule says of locks, as the lock model has it, and how long the statement takes. */
export function withModel(hit: Hit, context: Context): Hit {
  const { effects, schema } = context;
  if (!effects || hit.relations.length === 0) return hit;
  const forecast = forecastOf(effects, schema);
  const modelled: Hit = { ...hit, relations: relationsOf(hit.relations, effects, context) };
  if (forecast) modelled.forecast = forecast;
  return modelled;
}

/**
 * The relations of a finding: those that the rule names with their locks as the lock model has them, then all others that
 * it says are locked so that somebody waits. New ones keep nobody waiting.
 *
 * @param own - what the rule says; a rule that speaks of no lock says none
 */
export function relationsOf(
  own: readonly LockedRelation[],
  effects: Effects,
  { newTables }: Pick<Context, 'newTables'>,
): readonly LockedRelation[] {
  const { relations } = effects;
  const others = relations.filter(
    (effect) =>
      own.every(({ name }) => name !== effect.name) &&
      isWaitedFor(effect, relations) &&
      !newTables.has(effect.name),
  );
  const first = own.map((one) => asModelled(one, relations));
  return others.length === 0 ? first : [...first, ...few(others).map(otherOf)];
}

function asModelled(own: LockedRelation, relations: readonly RelationEffect[]): LockedRelation {
  const effect = relations.findLast(({ name }) => name === own.name);
  return effect ? locked(own.name, effect.lock) : own;
}

const otherOf = ({ name, lock, why }: RelationEffect): LockedRelation =>
  why === undefined ? locked(name, lock) : { ...locked(name, lock), why };

/** Whoever waits for an index of a locked table waits for the table. */
function isWaitedFor({ lock, name, kind }: RelationEffect, all: readonly RelationEffect[]): boolean {
  if (locked(name, lock).blocks === 'nothing') return false;
  return kind !== 'index' || all.every((other) => other.kind === 'index');
}

/** Of many for the same reason the first, the last of which says how many more there are. */
function few(effects: readonly RelationEffect[]): RelationEffect[] {
  const seen = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { why = '' } of effects) counts.set(why, (counts.get(why) ?? 0) + 1);
  return effects.flatMap((effect) => {
    const { why } = effect;
    const at = (seen.get(why ?? '') ?? 0) + 1;
    seen.set(why ?? '', at);
    const count = counts.get(why ?? '') ?? 0;
    if (why === undefined || count <= NAMED || at < NAMED) return [effect];
    return at === NAMED ? [{ ...effect, why: `${why}, as are ${count - NAMED} more` }] : [];
  });
}
