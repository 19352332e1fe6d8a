import { isBookkeeping } from '../rules/harmless.js';
import { check } from '../rules/check.js';
import { emptySchema } from '../schema/empty.js';
import { touchedBy } from '../rules/touched.js';
import { actionsOf } from '../sql/ast.js';
import { functionsIn } from '../sql/functions.js';
import { parse, type Parsed } from '../sql/parse.js';
import type { Coverage, Finding, TableSize } from '../domain/plan.js';
import { bytes, count } from '../domain/units.js';
import type { PendingRevision, PlanFacts } from './facts.js';

/** A revision with its SQL as far as it could be read. */
export interface WayForward {
  revision: PendingRevision;
  up: readonly Parsed[] | null;
}

/**
 * Why a plan of low risk must not run without people; empty where it may. It runs by itself only when all of it
 * was read, can be undone by itself, and keeps no large table waiting.
 */
export function whyNotAutomatic(
  { analysed, total }: Coverage,
  read: readonly WayForward[],
  { tables, automatic, versionTable }: Pick<PlanFacts, 'tables' | 'automatic' | 'versionTable'>,
  findings: readonly Finding[],
): string[] {
  return [
    ...(analysed < total ? [`${analysed} of ${count(total, 'statement')} analysed`] : []),
    ...read.filter((each) => changesSomething(each, versionTable.name)).flatMap(whyNoWayBack),
    ...tooLarge(tables, automatic),
    ...findings.flatMap(whyAllowed),
  ];
}

/** Its author says that it is no danger; somebody else reads that before it runs. */
const whyAllowed = ({ rule, revision, allowed }: Finding): string[] =>
  allowed ? [`${revision ?? 'it'} allows ${rule} (${allowed.risk} without that): ${allowed.reason}`] : [];

/** Tables that are larger than what a change may touch that runs without people, in words. */
export function tooLarge(
  tables: readonly TableSize[],
  { largestTableGiB }: PlanFacts['automatic'],
): string[] {
  const limit = largestTableGiB * 2 ** 30;
  return tables
    .filter((table) => table.bytes > limit)
    .map((table) => `${table.name} is ${bytes(table.bytes)}, the limit is ${bytes(Math.round(limit))}`);
}

/** A merge of branches, for one, has no statement: nothing of it has to be undone. */
const changesSomething = ({ up }: WayForward, versionTable: string): boolean =>
  up === null || up.some((part) => !('node' in part) || !isBookkeeping(part.node, versionTable));

function whyNoWayBack({ revision: { revision, downgrade, downSql } }: WayForward): string[] {
  if (downgrade === 'code')
    return downSql === null ? [`the downgrade of ${revision} cannot be rendered`] : [];
  const why = {
    missing: 'has no downgrade',
    raises: 'refuses to be downgraded',
    empty: 'has an empty downgrade',
  };
  return [`${revision} ${why[downgrade]}`];
}

/** What revisions name, in SQL, so that the database can be asked about it. */
export interface Named {
  /** Relations that they change, lock or refer to. */
  relations: string[];
  /** Functions that they call, without their schema and unquoted. */
  functions: string[];
}

export async function namesIn(revisions: readonly PendingRevision[]): Promise<Named> {
  const names = new Set<string>();
  const functions = new Set<string>();
  const schema = emptySchema();
  for (const { upSql, file } of revisions) {
    const parsed = upSql === null ? [] : await parse(upSql);
    const nodes = parsed.flatMap((part) => ('node' in part ? actionsOf(part.node) : []));
    for (const name of nodes.flatMap(touchedBy)) names.add(name);
    for (const name of functionsIn(nodes)) functions.add(name.slice(name.lastIndexOf('.') + 1));
    const { findings } = check(parsed, { file, linesOfFile: false }, schema);
    for (const { relations } of findings) for (const { name } of relations) names.add(name);
  }
  return { relations: [...names].sort(), functions: [...functions].sort() };
}
