import { alone, locking, parts, type Draft, type Part } from './draft.js';
import { beside } from './names.js';
import { proofOf, type Pair } from './pair.js';
import { notNullSteps, type NotNullSteps } from './rules-of-column.js';

type Bound = Pick<Pair, 'facts' | 'table' | 'old' | 'sync' | 'copies'>;

const nextOf = ({ sync }: Bound): string => sync.news[0]?.column ?? '';
const notNullOf = (bound: Bound): NotNullSteps | undefined =>
  bound.old.notNull ? notNullSteps(bound.facts.postgres, bound.table.name, nextOf(bound)) : undefined;

/** The revisions that give the new column what the old one has, each step short or beside the application. */
export const constrainNew = (bound: Bound): Draft[] => [...bindNew(bound), ...finishNew(bound)];

/** All that reads the table: its last revision is alone, so that no lock is held by what comes next. */
export function bindNew(bound: Bound): Draft[] {
  const { table, sync, copies } = bound;
  const [next, steps] = [nextOf(bound), notNullOf(bound)];
  const indexes = copies.filter(({ kind }) => kind === 'index' || kind === 'unique');
  const checks = copies.filter(({ kind }) => kind === 'check' || kind === 'foreign key');
  const builds = indexes.map(({ name, sql }) => buildIndex(table.name, name, sql));
  if (!checks.length && !steps) return builds;
  const referred = checks.flatMap(({ sql }) => / REFERENCES ([^(]+)\(/.exec(sql)?.[1]?.trim() ?? []);
  // Each says the same twice as once, and a foreign key's needs two tables: none holds what another one waits for.
  const drop = {
    down: [
      ...(steps?.drop ?? []),
      ...parts(...checks.map(({ name }) => `ALTER TABLE ${table.name} DROP CONSTRAINT IF EXISTS ${name}`)),
    ],
    downAlone: true as const,
  };
  return [
    ...builds,
    {
      phase: 'constrain',
      does: `constraints of ${next} for new rows`,
      up: [
        proofOf(sync),
        ...(referred.length ? [locking(table.name, ...referred).up] : []),
        ...parts(...checks.map(({ sql }) => sql)),
        ...(steps?.add ?? []),
      ],
      ...drop,
    },
    {
      ...{ phase: 'constrain', does: `validate the constraints of ${next}`, upAlone: true, ...drop },
      up: [
        ...parts(...checks.map(({ name }) => `ALTER TABLE ${table.name} VALIDATE CONSTRAINT ${name}`)),
        ...(steps?.validate ?? []),
      ],
    },
  ];
}

export const buildIndex = (table: string, name: string, sql: string): Draft =>
  alone(
    'constrain',
    `build ${name}`,
    parts(sql),
    parts(`DROP INDEX CONCURRENTLY IF EXISTS ${beside(table, name)}`),
  );

/** Words in the catalog alone. */
export function finishNew(bound: Bound): Draft[] {
  const { table, copies } = bound;
  const [next, steps] = [nextOf(bound), notNullOf(bound)];
  const uniques = copies.filter(({ kind }) => kind === 'unique');
  const up = [
    ...(steps?.finish ?? []),
    ...parts(
      ...uniques.map(
        ({ name }) => `ALTER TABLE ${table.name} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name}`,
      ),
    ),
  ];
  const down = [
    ...uniques.flatMap(({ name, sql }) => indexAlone(table.name, name, sql)),
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
