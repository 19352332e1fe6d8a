import { keepsakesIn } from '../adapters/keepsakes/registry.js';
import { withClient } from '../adapters/postgres/client.js';
import type { Keepsake, PlannedKeepsake } from '../domain/keepsake.js';
import type { Plan } from '../domain/plan.js';
import type { RunRecord } from '../domain/record.js';
import { hasMigrated, movesOf, type Move } from '../domain/rollback.js';
import type { Target } from './home.js';
import { readPlan } from './plans.js';
import { recordsOf } from './records.js';
import { revisionsOf, sameRevisions, sessionName } from './standing.js';
import type { Work } from './work.js';

/** What was kept of a deploy whose schema was taken back, and has not gone back itself. */
export interface KeepsakesDue {
  move: Move;
  plan: Plan;
  now: readonly string[];
  /** What goes back, and what that costs; in words. */
  lines: string[];
}

/**
 * Finds out whether a rollback was cut off between downgrade and keepsakes, or somebody has downgraded by hand: the
 * database is where it was before a deploy that is done, and what that deploy has kept is whole and was not put back.
 * Changes nothing.
 *
 * @param records - of the target, the newest first
 * @returns null where nothing is due
 */
export async function keepsakesDue(
  target: Target,
  records: readonly RunRecord[],
  { signal }: Pick<Work, 'signal'>,
): Promise<KeepsakesDue | null> {
  const options = { applicationName: sessionName(target.name, 'look'), signal };
  const all = await withClient(target.url(), options, (client) => keepsakesIn(client));
  const whole = all.filter(({ state, broken }) => state === 'complete' && broken === undefined);
  for (const record of records) {
    const kept = whole.filter(({ runId }) => runId === record.runId);
    const [move] = kept.length > 0 ? movesOf([record]) : [];
    if (!move || !hasMigrated(move)) continue;
    const plan = await readPlan(target.config.state, move.plan.planHash);
    const now = (await revisionsOf(target, plan.versionTable, signal)).revisions;
    if (sameRevisions(now, plan.from)) return { move, plan, now, lines: kept.flatMap(linesOf) };
  }
  return null;
}

/** The same in a line for people; empty where nothing is due, or the database does not answer. */
export async function keepsakesDueText(target: Target, work: Pick<Work, 'signal'>): Promise<string> {
  const records = await recordsOf(target.config.state, target.name);
  const due = await keepsakesDue(target, records, work).catch(() => null);
  return due
    ? `the schema of before ${due.plan.release} is back, and what that release took is not (${due.lines.join('; ')}): ` +
        `lockkeeper rollback ${target.name} puts it back`
    : '';
}

const linesOf = ({ planned }: Keepsake): string[] => [
  planned.rows || planned.how === 'moved'
    ? `rows of ${planned.table} go back`
    : `values of ${planned.table} (${planned.columns.map(({ name }) => name).join(', ')}) go back`,
  ...overwritten(planned),
];

/** Nobody watches a column that was dropped, once it is there again. */
function overwritten({ how, rows, table, columns }: PlannedKeepsake): string[] {
  const names = columns.flatMap(({ name, goes }) => (goes === 'dropped' ? [`${table}.${name}`] : []));
  if (how !== 'copied' || rows || names.length === 0) return [];
  return [`what was written to ${names.join(', ')} since the schema went back is replaced by it`];
}
