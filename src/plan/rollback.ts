import { keepsakeText, type PlannedKeepsake } from '../domain/keepsake.js';
import type { Risk } from '../domain/risk.js';
import { count } from '../domain/units.js';
import type { Parsed } from '../sql/parse.js';
import type { PendingRevision } from './facts.js';
import { reasonIn } from './facts.js';
import { lossesIn } from './losses.js';
import { nameOfType } from '../domain/retyped.js';

/** A revision, and the SQL of its downgrade as far as it could be rendered and read. */
export interface WayBack {
  revision: PendingRevision;
  down: readonly Parsed[] | null;
}

/** A downgrade brings back tables and columns, and none of what was in them. */
export const ONLY_RESTORE = 'what this removes or changes comes back only by a restore of the backup';
const KEPT =
  'what this removes or changes comes back with its keepsakes; rows written since keep what was written';

const RELEASE = 'deploy release ';
const NO_RELEASE = 'no release is known to go back to';

/** Whether a line is of the release, and not of the schema. */
export const isOfRelease = (line: string): boolean => line.startsWith(RELEASE) || line === NO_RELEASE;

/** What would be undone, the last change first, and what each undo loses; in words. */
export function rollbackLines(
  running: string | null,
  risk: Risk,
  applied: readonly WayBack[],
  versionTable: string,
  keepsakes: readonly PlannedKeepsake[] = [],
): string[] {
  const release = running === null ? NO_RELEASE : `${RELEASE}${running} again`;
  const lines = [
    release,
    ...applied.toReversed().map((one) => `${line(one, versionTable, keepsakes)}${keptOf(one, keepsakes)}`),
  ];
  if (risk !== 'very-high') return lines;
  const lost = keepsakes.filter(({ how }) => how === 'not kept');
  if (keepsakes.length === 0) return [ONLY_RESTORE, ...lines];
  return [...(lost.length > 0 ? lost.map(keepsakeText) : [KEPT]), ...lines];
}

/** What goes back after the downgrade of a revision, in words to put behind it. */
function keptOf({ revision }: WayBack, keepsakes: readonly PlannedKeepsake[]): string {
  const back = keepsakes.filter(
    ({ how, revisions }) => how !== 'not kept' && revisions.includes(revision.revision),
  );
  const what = back.map(({ table, rows, columns }) =>
    rows ? `the rows of ${table}` : `the values of ${table} (${columns.map(({ name }) => name).join(', ')})`,
  );
  return what.length > 0 ? `; then ${what.join(', ')} go back` : '';
}

function line(
  { revision, down }: WayBack,
  versionTable: string,
  keepsakes: readonly PlannedKeepsake[],
): string {
  const name = `${revision.revision} (${revision.doc || 'no description'})`;
  switch (revision.downgrade) {
    case 'missing':
      return `${name} has no downgrade: its change stays`;
    case 'raises':
      return `${name} refuses to be downgraded: its change stays`;
    case 'empty':
      return `${name} has an empty downgrade: its change stays, though Alembic counts it as undone`;
    case 'code':
      return `downgrade ${name}: ${notKnown(revision) ?? losing(down ?? [], versionTable, keepsakes)}`;
  }
}

function notKnown({ downSql, downError, downHints = [] }: PendingRevision): string | null {
  if (downHints.length > 0)
    return 'what it loses is not known, as the revision asks the database while it runs';
  if (downSql !== null) return null;
  const reason = reasonIn(downError);
  return `what it loses is not known, as it cannot be rendered${reason ? ` (${reason})` : ''}`;
}

function losing(
  down: readonly Parsed[],
  versionTable: string,
  keepsakes: readonly PlannedKeepsake[],
): string {
  const { tables, columns, retyped, unknown } = lossesIn(down, versionTable, keepsakes);
  const lost = [
    ...tables.map((table) => `the table ${table}`),
    ...columns.map(({ table, column }) => `the column ${table}.${column}`),
  ];
  const parts = [
    ...(lost.length > 0 ? [`loses what was written to ${lost.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`what ${count(unknown.length, 'statement')} of it loses is not known`] : []),
  ];
  const fitting = retyped.map(
    ({ table, column, to }) => `${table}.${column} that ${nameOfType(to)} cannot hold`,
  );
  const refused =
    fitting.length > 0 ? [`is refused while there is a value of ${fitting.join(', or of ')}`] : [];
  return [...(parts.length > 0 ? parts : ['loses nothing']), ...refused].join('; ');
}
