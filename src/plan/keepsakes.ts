import type { KeepableTable, LostColumn, PlannedKeepsake } from '../domain/keepsake.js';
import type { Finding } from '../domain/plan.js';
import measuredValuesLost from '../rules/measured-values-lost.js';
import type { Gone } from './gone.js';
import { insteadOf, whyNotMoved } from './moved.js';

/** Rules about what `goneIn` finds by itself; whatever else loses data is not kept. */
const KNOWN: readonly string[] = [
  'column-dropped',
  'table-dropped',
  'column-type-may-lose-values',
  'rows-changed',
  'table-truncated',
  // What a downgrade loses is told with it.
  'downgrade-loses-data',
  'downgrade-missing',
];

/** Whether the plan drops types that a kept table would still need. */
const dropsTypesIn = (statements: readonly string[]): boolean =>
  statements.some((sql) => /\bdrop\s+(type|domain|extension|schema)\b/i.test(sql));

/**
 * How all that a plan removes or changes is kept, one for each table that was there before, and one for each finding of
 * something lost of which nobody knows what it is.
 *
 * @param tables - what the catalog says of the tables of `gone`
 * @param sql - of the plan's revisions, forward
 */
export function keepsakesOf(
  gone: readonly Gone[],
  tables: readonly KeepableTable[],
  findings: readonly Finding[],
  sql: readonly string[],
): PlannedKeepsake[] {
  const dropsTypes = dropsTypesIn(sql);
  const byTable = new Map<KeepableTable, Gone[]>();
  for (const each of gone) {
    const asked = tables.find(({ name }) => name === each.table);
    const table = tables.find(({ full }) => full === asked?.full); // one table may be named in two ways
    if (table) byTable.set(table, [...(byTable.get(table) ?? []), each]);
  }
  const kept = [...byTable].map(([table, all]) => ofTable(table, all, dropsTypes));
  return [...kept, ...unknownIn(findings, kept)];
}

function ofTable(table: KeepableTable, all: readonly Gone[], dropsTypes: boolean): PlannedKeepsake {
  const about = {
    table: table.full,
    takes: unique(all.map(({ takes }) => takes)),
    revisions: unique(all.map(({ revision }) => revision)),
  };
  const drop = all.find((each) => each.drop);
  const whyCopied =
    drop && (all.length > 1 ? 'the plan changes it before' : whyNotMoved(table, drop, dropsTypes));
  if (drop && whyCopied === undefined) {
    const instead = insteadOf(table, drop);
    return { ...about, how: 'moved', key: table.key, columns: columnsOf(table, all), rows: true, instead };
  }
  const why = whyNotCopied(table, all);
  if (why !== undefined) return { ...about, how: 'not kept', why, key: [], columns: [], rows: false };
  return {
    ...{ ...about, how: 'copied', key: table.key, columns: columnsOf(table, all) },
    rows: all.some(({ rows }) => rows),
    ...(whyCopied === undefined ? {} : { why: whyCopied }),
  };
}

function whyNotCopied(table: KeepableTable, all: readonly Gone[]): string | undefined {
  if (table.kind === 'other') return 'it is no table with rows of its own';
  if (table.key.length === 0) return 'it has no primary key';
  if (table.kind === 'table' && table.hasChildren) return 'other tables inherit from it';
  const keys = new Set(table.key.map(({ name }) => name));
  const taken = all.flatMap(({ columns }) => columns).find(({ name }) => keys.has(name));
  return taken && `the plan takes its primary key (${taken.name})`;
}

/** Each column once; where rows go all of them. What is generated has no values of its own. */
function columnsOf(table: KeepableTable, all: readonly Gone[]): LostColumn[] {
  const rows = all.some((each) => each.rows);
  const gone = all.flatMap(({ columns }) => columns);
  const keys = new Set(table.key.map(({ name }) => name));
  return table.columns
    .filter(({ name, generated }) => !generated && !keys.has(name))
    .filter(({ name }) => rows || gone.some((each) => each.name === name))
    .map(({ name, type, builtIn }) => ({
      ...{ name, type, builtIn },
      goes:
        all.some(({ drop }) => drop) || gone.some((each) => each.name === name && each.goes === 'dropped')
          ? 'dropped'
          : 'changed',
    }));
}

/** A keepsake for each finding of what loses something and was not read, or cannot be told row by row. */
export function unknownIn(findings: readonly Finding[], kept: readonly PlannedKeepsake[]): PlannedKeepsake[] {
  const lost = findings.filter(
    (each) => each.dataLoss && !KNOWN.includes(each.rule) && !isMeasuredOf(each, kept),
  );
  return lost.map(({ relations, revision, message }) => ({
    table: relations[0]?.name ?? revision ?? 'the plan',
    how: 'not kept',
    why: `what goes is not known row by row: ${message}`.slice(0, 300),
    takes: ['loses data'],
    revisions: revision === undefined ? [] : [revision],
    ...{ key: [], columns: [], rows: false },
  }));
}

/** What a rehearsal has measured before anything went back, of a column that is kept. */
const isMeasuredOf = ({ rule, message }: Finding, kept: readonly PlannedKeepsake[]): boolean =>
  rule === measuredValuesLost.id &&
  kept.some(
    ({ how, table, columns }) =>
      how !== 'not kept' &&
      columns.some(({ name }) => message.startsWith(`${table.replace(/^public\./, '')}.${name} has `)),
  );

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];
