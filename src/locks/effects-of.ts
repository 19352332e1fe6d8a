import type { Schema } from '../schema/model.js';
import { partsOf } from '../domain/sql-name.js';
import { keysOf } from '../schema/names.js';
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
  if (matches.length === 1) return effectsOfMatch(matches[0]!, schema, postgres);
  const parts = matches.map((match) => effectsOfMatch(match, schema, postgres));
  const failed = parts.find(({ fails }) => fails !== undefined)?.fails;
  const { fails: _, ...merged } = mergeEffects(parts);
  return {
    ...merged,
    relations: addBuilds(merged.relations, parts),
    ...(failed === undefined ? {} : { fails: failed }),
  };
}

/** Names of the shapes of the lock model that a statement has; none where the model does not know it. */
export const shapesOf = (action: Node, schema: Schema): string[] =>
  matchesOf(action, schema).map(({ shape }) => shape);

/** Parts of one statement build each an index of their own. */
const addBuilds = (relations: readonly RelationEffect[], parts: readonly Effects[]): RelationEffect[] =>
  relations.map((relation) => ({
    ...relation,
    builds: parts
      .flatMap((part) => part.relations)
      .filter(({ key }) => key === relation.key)
      .reduce((sum, { builds }) => sum + builds, 0),
  }));

/** Of servers of all versions at once, all rows together come to the most; what is certain is so on all of them. */
function effectsOfMatch(
  { shape: name, actors, unsure = [], fails }: Match,
  schema: Schema,
  postgres: number | undefined,
): Effects {
  const shape: Shape = shapes[name];
  const relations: RelationEffect[] = [];
  for (const row of shape.rows) {
    if (postgres !== undefined && !holdsOn(row, postgres)) continue;
    for (const actor of actors[row.role] ?? []) relations.push(effect(row, actor, shape, schema));
  }
  const effects: Effects = {
    shape: name,
    relations: mergeRelations(relations),
    needsNoTransaction: isAlone(shape, postgres),
    unsure,
  };
  if (fails && doesFail(fails, postgres)) effects.fails = fails.why;
  return effects;
}

const isAlone = ({ alone }: Shape, postgres: number | undefined): boolean => {
  if (!alone) return false;
  const [from, until] = alone;
  return postgres === undefined
    ? from === majors.first && until === majors.last
    : holdsOn({ from, until }, postgres);
};

function doesFail({ from, until }: NonNullable<Match['fails']>, postgres: number | undefined): boolean {
  if (postgres === undefined) return from === undefined && until === undefined;
  return holdsOn({ from: from ?? majors.first, until: until ?? majors.last }, postgres);
}

function effect(
  { lock, work }: Row,
  { name, key, kind, isStored, indexes, reads, why }: Actor,
  { brief }: Shape,
  schema: Schema,
): RelationEffect {
  const isRead = isStored && reads !== false;
  // Made for each statement: without spreads, which cost more than all the rest.
  const made: RelationEffect = {
    name: why === undefined ? name : short(schema, name),
    key,
    kind,
    lock,
    held: brief ? 'while it runs' : 'to commit',
    rewrites: isStored && (work === 'rewrite' || work === 'copy'),
    scans: isRead && work !== undefined,
    builds: isStored ? buildsOf(work, indexes) : 0,
  };
  if (why !== undefined) made.why = why.replace(/[\w$"]+\.[\w$"]+$/, (found) => short(schema, found));
  return made;
}

function buildsOf(work: Row['work'], indexes: number): number {
  if (work === 'build') return 1;
  return work === 'rewrite' || work === 'rebuild' ? indexes : 0;
}

/** A key as statements write it: without its schema where the name alone finds the same. */
function short(schema: Schema, key: string): string {
  const [, local] = partsOf(key);
  const found = keysOf(schema, local).find((each) => schema.relations.has(each));
  return local !== key && found === key ? local : key;
}
