import { type CellsConclusion, concludedFrom } from './cells.js';
import type { Measurements, Rehearsal, RehearsedLock } from './rehearsal.js';

/**
 * What of a rehearsal is part of the plan that people approve: equality, proofs, locks and rewrites. Timings and sizes
 * are not, because they are others each time.
 */
export interface RehearsalConclusion extends Pick<
  Rehearsal,
  | 'backupProved'
  | 'noWayBack'
  | 'againFailed'
  | 'schemaBack'
  | 'rowsBack'
  | 'valuesBack'
  | 'compared'
  | 'checks'
> {
  /** On a server of its own, or beside the live database. */
  where?: Measurements['where'];
  /** The strongest on each table that was there, of those that keep others waiting; by name. */
  locks?: readonly Pick<RehearsedLock, 'name' | 'lock'>[];
  /** Tables that were written anew, by name. */
  rewritten?: readonly string[];
  /** What trying the releases on the copy means for the order of things. */
  cells?: CellsConclusion;
}

/** Begins what is said of tables whose values were not compared. */
export const ONLY_COUNTED = 'only the number of rows of';

export const conclusionOf = (rehearsal: Rehearsal): RehearsalConclusion => {
  const {
    backupProved,
    noWayBack,
    againFailed,
    schemaBack,
    rowsBack,
    valuesBack,
    compared,
    checks,
    measured,
    cells,
  } = rehearsal;
  return {
    ...{ backupProved, noWayBack, againFailed, schemaBack, rowsBack, checks },
    ...(valuesBack ? { valuesBack } : {}),
    ...(compared ? { compared } : {}),
    ...(measured ? measuredIn(measured) : {}),
    ...(cells ? { cells: concludedFrom(cells) } : {}),
  };
};

const measuredIn = ({ where, locks, rewritten }: Measurements) => ({
  where,
  locks: locks.map(({ name, lock }) => ({ name, lock })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  rewritten,
});

/** The conclusion in one sentence. */
export function conclusionText(conclusion: RehearsalConclusion): string {
  const { noWayBack, againFailed, schemaBack, rowsBack, valuesBack = 'same', checks } = conclusion;
  const surprises = [
    noWayBack,
    againFailed && `going forward again failed: ${againFailed}`,
    ...differences('schema after going back', schemaBack),
    ...differences('rows after going back', rowsBack),
    ...differences('other values after going back', valuesBack),
    ...(checks === 'passed' ? [] : checks.map((line) => `check: ${line}`)),
  ].filter(Boolean);
  const outcome = surprises.length
    ? `backup proved; ${surprises.join('; ')}`
    : `backup proved; forward, back and forward again; ${sameText(conclusion)} the same after going back; checks passed`;
  return [outcome, ...locksText(conclusion)].join('; ');
}

const sameText = ({ valuesBack, compared }: RehearsalConclusion): string =>
  valuesBack ? `schema, rows and values${compared ? ` (${compared})` : ''}` : 'schema and rows';

const SHOWN = 3;

/** Whom it keeps waiting, and what is written anew. */
function locksText({ locks, rewritten }: RehearsalConclusion): string[] {
  if (!locks) return [];
  const named = locks.slice(0, SHOWN).map(({ name, lock }) => `${name} ${lock}`);
  const more = locks.length > SHOWN ? ` and ${locks.length - SHOWN} more` : '';
  return [
    locks.length ? `locks that others wait for: ${named.join(', ')}${more}` : 'no lock that others wait for',
    ...(rewritten?.length ? [`written anew: ${rewritten.slice(0, SHOWN).join(', ')}`] : []),
  ];
}

const differences = (what: string, found: Rehearsal['schemaBack']): string[] =>
  typeof found === 'string' ? [] : [`${what}: ${found.slice(0, 3).join(', ')}`];
