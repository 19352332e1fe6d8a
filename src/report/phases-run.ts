import { stallTexts } from '../domain/blocked-text.js';
import { code, words } from '../domain/markdown.js';
import { linesOf, stateWord } from '../domain/page.js';
import type { ReportedRun } from '../domain/phases/reported.js';
import { lastOf, planOf, wayOf, type RunRecord } from '../domain/record.js';
import { stateOf, stateText } from '../domain/state.js';
import { count, duration, minuteOf } from '../domain/units.js';
import { table } from './markdown-table.js';
import { afterText } from './run.js';

/** As GitHub names a heading `Run ID`, and our own HTML. */
export const anchorOf = (runId: string): string => `run-${runId.toLowerCase()}`;

/** One run of a change as Markdown. `phase`: which it did. */
export function runSection(run: ReportedRun, phase: string): string[] {
  const { record } = run;
  const after = afterText(record).join('\n').trim();
  return [
    ...['', `## Run ${record.runId}`, ''],
    ...facts(record, phase).map((line) => `- ${words(line)}`),
    ...lockTable(run),
    ...statementTable(run),
    ...stepTable(record),
    ...['', words(stateText(stateOf(record)))],
    ...(after ? ['', '```', after.replaceAll('```', "'''"), '```'] : []),
  ];
}

function facts(record: RunRecord, phase: string): string[] {
  const plan = planOf(record);
  const requested = lastOf(record, 'requested');
  const began = record.facts[0]?.at;
  const ended = record.facts.at(-1)?.at;
  const took = began && ended ? `, took ${duration(Date.parse(ended) - Date.parse(began))}` : '';
  const of = requested ? `, asked for by ${requested.by}` : '';
  return [
    `${phase}: ${record.kind}, ${stateWord(record)}${of}${began ? `, began ${minuteOf(began)} UTC` : ''}${took}`,
    ...(plan
      ? [
          `risk ${plan.risk}, ${plan.procedure} procedure, plan ${plan.planHash.slice(0, 12)}`,
          `release ${wayOf(plan, record.kind).release}, revisions ${wayOf(plan, record.kind).revisions}`,
          ...(plan.rehearsed ? [`rehearsed: ${plan.rehearsed}`] : []),
          ...(plan.releases ?? []),
          ...stallTexts(plan),
          ...(plan.keepsakes?.says ?? []).map((line) => `kept: ${line}`),
          ...[...new Set(plan.findings)].slice(0, 8),
        ]
      : []),
  ];
}

const lockTable = ({ locks }: ReportedRun): string[] =>
  table(
    ['table', 'strongest lock', 'keeps waiting', 'known by'],
    locks.map(({ name, lock, blocks, measured }) => [
      ...[code(name), lock, blocks ?? (lock === 'ACCESS EXCLUSIVE' ? 'reads and writes' : 'writes')],
      measured ? 'the rehearsal, which measured it' : 'the SQL',
    ]),
  );

function statementTable({ statements, sent }: ReportedRun): string[] {
  const rows = table(
    ['revision', 'statement', 'took', 'rows'],
    statements.map(({ revision, sql, ms, rows: changed }) => [
      ...[words(revision), code(sql), duration(ms), changed === null ? '' : String(changed)],
    ]),
  );
  const more = sent - statements.length;
  return [...rows, ...(more > 0 ? ['', `And ${count(more, 'statement')} more.`] : [])];
}

const stepTable = (record: RunRecord): string[] =>
  table(
    ['step', 'is', 'took', 'came to'],
    linesOf(record).map(({ name, state, ms, note }) => [
      ...[name, state, ms === undefined ? '' : duration(ms), note ? words(note) : ''],
    ]),
  );
