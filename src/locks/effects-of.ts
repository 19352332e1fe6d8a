import type { Schema } from '../schema/model.js';
import type { Node } from '../sql/ast.js';
import type { Actor } from './actors.js';
import type { Effects, RelationEffect } from './effects.js';
import type { Match } from './match.js';
import { matchesOf } from './match/index.js';
import { mergeEffects, mergeRelations } from './merge.js';
import { shapes } from './model/index.js';
import { holdsOn, majors, type Row, type Shape } from './shape.js';

/**
 * What one statement (one command of ALTER TABLE, see `actionsOf`) does to relations: those that it names, and those
 * that the schema says it involves. Locks are as strong, and work is as much, as it may be on that server.
 *
 * @param schema - before the statement. What is not known without a catalog is said in `unsure`
 * @param postgres - major version of the server; where it is not known, the most of all that were measured
 */
export function effectsOf(action: Node, schema: Schema, postgres?: number): Effects {
  const matches = matchesOf(action, schema);
  if (postgres !== undefined) return effectsOn(matches, postgres);
  const all = Array.from({ length: majors.last - majors.first + 1 }, (_, n) =>
    effectsOn(matches, majors.first + n),
  );
  return mergeEffects(all);
}

/** Names of the shapes of the lock model that a statement has; none where the model does not know it. */
export const shapesOf = (action: Node, schema: Schema): string[] =>
  matchesOf(action, schema).map(({ shape }) => shape);

function effectsOn(matches: readonly Match[], postgres: number): Effects {
  const parts = matches.map((match) => effectsOfMatch(match, postgres));
  const merged = mergeEffects(parts);
  const failed = parts.find(({ fails }) => fails !== undefined)?.fails;
  return {
    ...merged,
    relations: addBuilds(merged.relations, parts),
    ...(failed === undefined ? {} : { fails: failed }),
  };
}

/** Parts of one statement build each an index of their own. */
const addBuilds = (relations: readonly RelationEffect[], parts: readonly Effects[]): RelationEffect[] =>
  relations.map((relation) => ({
    ...relation,
    builds: parts
      .flatMap((part) => part.relations)
      .filter(({ key }) => key === relation.key)
      .reduce((sum, { builds }) => sum + builds, 0),
  }));

function effectsOfMatch({ shape: name, actors, unsure = [], fails }: Match, postgres: number): Effects {
  const shape: Shape = shapes[name];
  const { alone } = shape;
  const rows = shape.rows.filter((row) => holdsOn(row, postgres));
  const isFailing =
    fails && holdsOn({ from: fails.from ?? majors.first, until: fails.until ?? majors.last }, postgres);
  return {
    shape: name,
    relations: mergeRelations(
      rows.flatMap((row) => (actors[row.role] ?? []).map((actor) => effect(row, actor, shape))),
    ),
    needsNoTransaction: alone !== undefined && holdsOn({ from: alone[0], until: alone[1] }, postgres),
    ...(isFailing ? { fails: fails.why } : {}),
    unsure,
  };
}

function effect(
  { lock, work }: Row,
  { name, key, kind, isStored, indexes, reads, why }: Actor,
  { brief }: Shape,
): RelationEffect {
  const isRead = isStored && reads !== false;
  return {
    ...{ name, key, kind, lock },
    held: brief ? 'while it runs' : 'to commit',
    rewrites: isStored && (work === 'rewrite' || work === 'copy'),
    scans: isRead && work !== undefined,
    builds: isStored ? buildsOf(work, indexes) : 0,
    ...(why === undefined ? {} : { why }),
  };
}

function buildsOf(work: Row['work'], indexes: number): number {
  if (work === 'build') return 1;
  return work === 'rewrite' || work === 'rebuild' ? indexes : 0;
}
