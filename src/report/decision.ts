import { stallTexts } from '../domain/blocked-text.js';
import { backupText, forecastLines } from '../domain/forecast.js';
import type { Plan, PlanSummary } from '../domain/plan.js';
import { planOf, type RunRecord } from '../domain/record.js';
import { planParts } from './check.js';
import { rollbackPlanText } from './rollback.js';
import { runText } from './run.js';
import { wrapped } from './sql-line.js';
import { forwardSql } from './sql.js';

const WIDTH = 100;
/** More than these nobody reads in a terminal; `--json` has them all. */
const SQL_LINES = 300;
const SQL_COLUMNS = 1_000;

/**
 * All that a person decides about: the plan with its findings and its SQL, the rehearsal, the forecast, the
 * backup and what a rollback loses; then how the run stands and how to answer.
 *
 * @param plan - the whole plan; in words why it is not there, and then the run's own summary must do
 */
export function decisionText(record: RunRecord, plan: Plan | string): string {
  // What a restore loses is among what the run itself says.
  if (record.kind === 'restore') return runText(record);
  if (record.kind === 'rollback')
    return typeof plan === 'string' ? runText(record) : `${rollbackPlanText(plan)}\n\n${runText(record)}`;
  const summary = planOf(record);
  const known = typeof plan === 'string' ? summaryParts(summary, plan) : planParts(plan, all(record));
  const [before, after] = [known.slice(0, -1), known.slice(-1)];
  const parts = [
    ...before,
    ...(typeof plan === 'string' ? [] : [sqlPart(record, plan)]),
    listed('The rehearsal on a copy', rehearsalLines(summary)),
    ...(summary?.releases ? [listed('The releases on the copy', summary.releases)] : []),
    listed('The forecast', summary?.forecast ? forecastLines(summary.forecast) : [NOT_MEASURED]),
    listed('The backup', [backupLine(record, summary)]),
    ...after,
    runText(record),
  ];
  return parts.join('\n\n');
}

const all = ({ target }: RunRecord): string => `lockkeeper approve ${target} --json`;

const NOT_MEASURED = 'nothing was measured, as the plan was not rehearsed';

const rehearsalLines = (summary: PlanSummary | undefined): string[] => [summary?.rehearsed ?? 'none'];

/** The one that was proved, else what the run says of the one that it took. */
function backupLine({ facts }: RunRecord, summary: PlanSummary | undefined): string {
  if (summary?.backup) return backupText(summary.backup);
  const taken = facts.findLast((fact) => fact.kind === 'finished' && fact.step === 'back up');
  return taken?.kind === 'finished' && taken.note
    ? `${taken.note}, read back to its end (L2); it was not restored`
    : 'none';
}

function sqlPart(record: RunRecord, plan: Plan): string {
  const lines = forwardSql(plan).trimEnd().split('\n');
  const more = lines.length - SQL_LINES;
  return [
    'The SQL:',
    ...lines.slice(0, SQL_LINES).map((line) => `  ${cut(line, record)}`.trimEnd()),
    ...(more > 0 ? [`  and ${more} more lines. All: ${all(record)}`] : []),
  ].join('\n');
}

const cut = (line: string, record: RunRecord): string =>
  line.length > SQL_COLUMNS
    ? `${line.slice(0, SQL_COLUMNS)} … and ${line.length - SQL_COLUMNS} more characters. All: ${all(record)}`
    : line;

const listed = (title: string, lines: readonly string[]): string =>
  [`${title}:`, ...lines.map((line) => `  ${wrapped(line, WIDTH - 2, '    ')}`)].join('\n');

/** What travels with the run: the gravest findings, and no SQL. */
function summaryParts(summary: PlanSummary | undefined, why: string): string[] {
  if (!summary) return [why];
  return [
    `The whole plan cannot be shown here: ${why}`,
    listed('The gravest findings', summary.findings.length ? summary.findings : ['none']),
    ...stallTexts(summary),
    listed('To undo it', summary.rollback),
  ];
}
