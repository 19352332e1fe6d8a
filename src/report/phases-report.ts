import { words } from '../domain/markdown.js';
import type { OldCodeEvidence } from '../domain/old-code.js';
import type { ReportedRun } from '../domain/phases/reported.js';
import {
  marks,
  standingWord,
  type PhaseLine,
  type PhasesStatus,
  type PhaseState,
} from '../domain/phases/status.js';
import { planOf } from '../domain/record.js';
import { shortRun } from '../domain/run-id.js';
import { duration, minuteOf } from '../domain/units.js';
import { table } from './markdown-table.js';
import { anchorOf, runSection } from './phases-run.js';

/**
 * The whole of a change in one Markdown page: its phases with their times, whether old code was left, who said and decided
 * what, and each of its runs with its risk, locks, statements and steps.
 */
export function phasesReport(status: PhasesStatus, runs: readonly ReportedRun[]): string {
  const { target, change, requestedBy, says, notes, proof, until, next } = status;
  const known = new Set(runs.map(({ record }) => record.runId));
  return [
    `# ${words(change)} of ${words(target)}: ${standingWord(status)}`,
    '',
    words(`Asked for by ${requestedBy}. ${says}`),
    ...(until ? ['', `It goes on by itself at ${minuteOf(until)} UTC.`] : []),
    '',
    '## Phases',
    ...phaseTable(status, runs),
    '',
    words(spanText(status)),
    ...list('What to do', next),
    ...list('To know', notes),
    ...(proof ? ['', '## Was old code left?', ...evidenceTable(proof.evidence)] : []),
    ...(proof?.missing.length ? ['', ...proof.missing.map((line) => `- not seen: ${words(line)}`)] : []),
    ...timeTable(status, runs),
    ...runs.flatMap((run) => runSection(run, phaseOf(status, run))),
    ...list(
      'Runs whose records are not here',
      status.runs.filter((runId) => !known.has(runId)),
    ),
    '',
    `As of ${minuteOf(status.at)} UTC. All times are UTC.`,
  ].join('\n');
}

const list = (title: string, all: readonly string[]): string[] =>
  all.length ? ['', `## ${title}`, '', ...all.map((line) => `- ${words(line)}`)] : [];

function phaseTable({ lines }: PhasesStatus, runs: readonly ReportedRun[]): string[] {
  const row = (line: PhaseLine): string[] => {
    const { phase, state, says, began, ended, runId } = line;
    const run = runs.find(({ record }) => record.runId === runId);
    return [
      phase,
      marked(state),
      run ? (planOf(run.record)?.risk ?? '') : '',
      began ? minuteOf(began) : '',
      ended ? minuteOf(ended) : '',
      began && ended ? duration(Date.parse(ended) - Date.parse(began)) : '',
      words(says),
      run && runId ? `[${shortRun(runId)}](#${anchorOf(runId)})` : '',
    ];
  };
  return table(['phase', 'is', 'risk', 'began', 'ended', 'took', 'came to', 'run'], lines.map(row));
}

const marked = (state: PhaseState): string => `${marks[state]} ${state}`;

/** From the beginning of the first phase to the end of the last, waits and all. */
function spanText({ lines }: PhasesStatus): string {
  const began = lines.flatMap((line) => line.began ?? []).sort()[0];
  const ended = lines
    .flatMap((line) => line.ended ?? [])
    .sort()
    .at(-1);
  if (!began || !ended || ended < began) return '';
  return `From the first phase to the end of the last: ${duration(Date.parse(ended) - Date.parse(began))}, waits included.`;
}

const evidenceTable = (evidence: readonly OldCodeEvidence[]): string[] =>
  table(
    ['looked at', 'found', 'what', 'what to do'],
    evidence.map(({ source, holds, says, next = [] }) => [
      ...[words(source), holds ? '✓ none' : '! LEFT', words(says), words(next.join('; '))],
    ]),
  );

/** Which phase a run did, or took back. */
function phaseOf({ lines, change }: PhasesStatus, { record }: ReportedRun): string {
  if (record.kind === 'rollback') return 'going back';
  const upTo = planOf(record)?.upTo;
  if (upTo) return upTo.replace(` of ${change}`, '');
  return lines.find(({ runId }) => runId === record.runId)?.phase ?? 'deploy';
}

/** What was said to the change and to its runs, and what happened, in the order of time. */
function timeTable(status: PhasesStatus, runs: readonly ReportedRun[]): string[] {
  const toChange = status.said.map((line) => {
    const [at = '', ...rest] = line.split(' ');
    return { at, what: rest.join(' '), of: '' };
  });
  const toRuns = runs.flatMap((run) =>
    run.record.facts.flatMap((fact) => {
      if (fact.kind !== 'said' && fact.kind !== 'refused') return [];
      const more = fact.kind === 'refused' ? `, refused: ${fact.why}` : fact.note ? ` (${fact.note})` : '';
      return [{ at: fact.at, what: `${fact.by}: ${fact.message}${more}`, of: phaseOf(status, run) }];
    }),
  );
  const all = [...toChange, ...toRuns].sort((a, b) => a.at.localeCompare(b.at));
  const rows = table(
    ['when', 'said and done', 'to the run of'],
    all.map(({ at, what, of }) => [minuteOf(at), words(what), of]),
  );
  return rows.length ? ['', '## Who decided what', ...rows] : [];
}
