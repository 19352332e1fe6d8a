import { lockModes, type LockMode } from '../domain/plan.js';
import type { Effects, RelationEffect } from './effects.js';

const strength = (mode: LockMode): number => lockModes.indexOf(mode);
export const isStronger = (a: LockMode, b: LockMode): boolean => strength(a) > strength(b);

/** The same relations once each, with the most of everything that is done to it. */
export function mergeRelations(effects: readonly RelationEffect[]): readonly RelationEffect[] {
  if (effects.length < 2) return effects;
  const merged = new Map<string, RelationEffect>();
  for (const effect of effects) {
    const known = merged.get(effect.key);
    merged.set(effect.key, known ? both(known, effect) : effect);
  }
  return [...merged.values()];
}

function both(a: RelationEffect, b: RelationEffect): RelationEffect {
  // One that the statement names needs no reason.
  const { why: _, ...first } = a.why === undefined || b.why !== undefined ? a : b;
  const why = a.why !== undefined && b.why !== undefined ? { why: a.why } : {};
  return {
    ...first,
    ...why,
    lock: isStronger(b.lock, a.lock) ? b.lock : a.lock,
    held: a.held === 'to commit' ? a.held : b.held,
    rewrites: a.rewrites || b.rewrites,
    scans: a.scans || b.scans,
    builds: Math.max(a.builds, b.builds),
  };
}

/** Several effects of which each may happen: of one statement's parts, or on servers of several versions. */
export function mergeEffects(all: readonly Effects[]): Effects {
  const fails = all.every((each) => each.fails !== undefined) ? all[0]?.fails : undefined;
  return {
    shape: [...new Set(all.map(({ shape }) => shape))].join(', '),
    relations: mergeRelations(all.flatMap(({ relations }) => relations)),
    needsNoTransaction: all.some(({ needsNoTransaction }) => needsNoTransaction),
    ...(fails === undefined ? {} : { fails }),
    unsure: [...new Set(all.flatMap(({ unsure }) => unsure))],
  };
}
