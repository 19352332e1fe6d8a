import { alone, parts, type Draft, type Part } from './draft.js';
import { beside } from './names.js';
import { proofOf, type Pair } from './pair.js';
import { notNullSteps, type Copied, type NotNullSteps } from './rules-of-column.js';

/** The revisions that give the new column what the old one has, each step short or beside the application. */
export function constrainNew({
  facts,
  table,
  old,
  sync,
  copies,
}: Pick<Pair, 'facts' | 'table' | 'old' | 'sync' | 'copies'>): Draft[] {
  const next = sync.news[0]?.column ?? '';
  const steps = notNullSteps(facts.postgres, table.name, next);
  const indexes = copies.filter(({ kind }) => kind === 'index' || kind === 'unique');
  const checks = copies.filter(({ kind }) => kind === 'check' || kind === 'foreign key');
  const uniques = copies.filter(({ kind }) => kind === 'unique');
  if (!checks.length && !old.notNull)
    return indexes.map(({ name, sql }) => buildIndex(table.name, name, sql));
  const drop = [
    ...(old.notNull ? steps.drop : []),
    ...parts(...checks.map(({ name }) => `ALTER TABLE ${table.name} DROP CONSTRAINT IF EXISTS ${name}`)),
  ];
  return [
    ...indexes.map(({ name, sql }) => buildIndex(table.name, name, sql)),
    {
      phase: 'constrain',
      does: `constraints of ${next} for new rows`,
      up: [proofOf(sync), ...parts(...checks.map(({ sql }) => sql)), ...(old.notNull ? steps.add : [])],
      down: drop,
    },
    {
      ...{ phase: 'constrain', does: `validate the constraints of ${next}`, upAlone: true, down: drop },
      up: [
        ...parts(...checks.map(({ name }) => `ALTER TABLE ${table.name} VALIDATE CONSTRAINT ${name}`)),
        ...(old.notNull ? steps.validate : []),
      ],
    },
    ...finish(table.name, uniques, old.notNull ? steps : undefined, next),
  ];
}

export const buildIndex = (table: string, name: string, sql: string): Draft =>
  alone(
    'constrain',
    `build ${name}`,
    parts(sql),
    parts(`DROP INDEX CONCURRENTLY IF EXISTS ${beside(table, name)}`),
  );

function finish(
  table: string,
  uniques: readonly Copied[],
  steps: NotNullSteps | undefined,
  next: string,
): Draft[] {
  const up = [
    ...(steps?.finish ?? []),
    ...parts(
      ...uniques.map(({ name }) => `ALTER TABLE ${table} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name}`),
    ),
  ];
  const down = [
    ...uniques.flatMap(({ name, sql }) => indexAlone(table, name, sql)),
    ...(steps?.dropFinish ?? []),
  ];
  if (!up.length) return [];
  return [{ phase: 'constrain', does: `constraints of ${next} take their place`, up, down, downAlone: true }];
}

/** An index that was made a constraint, as it was before: it goes with the constraint. */
export const indexAlone = (table: string, name: string, sql: string): Part[] =>
  parts(
    `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}`,
    `DROP INDEX CONCURRENTLY IF EXISTS ${beside(table, name)}`,
    sql,
  );
