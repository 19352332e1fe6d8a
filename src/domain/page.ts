import { backupText, forecastLines } from './forecast.js';
import type { PlanSummary } from './plan.js';
import { askedOf, planOf, sectionTitles, wayOf } from './record.js';
import type { Fact, RunRecord, StepName, UndoName } from './record.js';
import { stateOf, stateText } from './state.js';
import { duration, few } from './units.js';

/** The run's state in one word or two, for lists: what it does now, or how it ended. */
export function stateWord(record: RunRecord): string {
  if (record.outcome === 'waiting') return 'waiting for a decision';
  if (record.outcome !== 'running') return record.outcome;
  const last = record.facts.findLast((each) => each.kind === 'started' || each.kind === 'undoing');
  if (last?.kind === 'started') return last.step;
  return last?.kind === 'undoing' ? last.undo : 'running';
}

/** How the site stands, in one word, for lists: `overdue` when it is closed for longer than planned. */
export function siteWord(record: Pick<RunRecord, 'facts'>): 'open' | 'closed' | 'overdue' {
  const { site } = stateOf(record);
  const alarmed = record.facts.some(({ kind }) => kind === 'overdue');
  return site === 'closed' && alarmed ? 'overdue' : site;
}

export type LineState = 'done' | 'now' | 'to do' | 'failed' | 'undone' | 'left';

/** One line of the runbook with what became of it. `ms` is how long it took, when it is over. */
export interface Line {
  name: string;
  state: LineState;
  ms?: number;
  note?: string;
  /** ISO time at which it began. */
  at?: string;
}

/** The runbook of a run, line by line: what was done, what is going on, what is to come. */
export function linesOf(record: RunRecord): Line[] {
  const lines: Line[] = [];
  for (const fact of record.facts) take(fact, lines);
  const begun = new Set(lines.map((line) => line.name));
  if (goesOn(record) && !record.facts.some((fact) => fact.kind === 'undoing'))
    for (const step of record.steps) if (!begun.has(step)) lines.push({ name: step, state: 'to do' });
  return lines;
}

const goesOn = ({ outcome }: RunRecord): boolean => outcome === 'running' || outcome === 'waiting';

function take(fact: Fact, lines: Line[]): void {
  const begin = (name: StepName | UndoName) => lines.push({ name, state: 'now', at: fact.at });
  switch (fact.kind) {
    case 'started':
      begin(fact.step);
      break;
    case 'undoing':
      begin(fact.undo);
      break;
    case 'finished':
      finish(lines, fact.step, 'done', fact.at, fact.note);
      break;
    case 'failed':
      finish(lines, fact.step, 'failed', fact.at, fact.failure.what);
      break;
    case 'undone':
      finish(lines, fact.undo, 'undone', fact.at, fact.note);
      break;
    case 'left':
      finish(lines, fact.undo, 'left', fact.at, fact.note);
      break;
    case 'undo failed':
      finish(lines, fact.undo, 'failed', fact.at, fact.failure.what);
      break;
    default:
      break;
  }
}

function finish(lines: Line[], name: string, state: LineState, at: string, note?: string): void {
  const line = lines.findLast((each) => each.name === name);
  if (!line) return;
  line.state = state;
  if (line.at) line.ms = Date.parse(at) - Date.parse(line.at);
  if (note) line.note = note;
}

const marks: Record<LineState, string> = {
  done: '✅',
  now: '⏳',
  'to do': '⬜',
  failed: '❌',
  undone: '↩️',
  left: '⚠️',
};

/**
 * The run as Temporal's Web UI and `temporal workflow metadata` show it: Markdown below 4 KB, because it
 * travels in an address. Words of tools stand in code marks, without backticks of their own.
 */
export function pageText(record: RunRecord): string {
  const parts = [
    `## ${record.kind} ${record.target}: ${stateWord(record)}`,
    planText(record),
    ...linesOf(record).map(lineText),
    '',
    stateText(stateOf(record)),
    '',
    nextText(record),
  ];
  return parts.join('\n').slice(0, 3_900);
}

const planText = (record: RunRecord): string => {
  const plan = planOf(record);
  if (!plan) return '';
  const { release, revisions } = wayOf(plan, record.kind);
  return [
    `Release **${release}**, risk **${plan.risk}**, plan \`${plan.planHash.slice(0, 12)}\``,
    `Revisions **${revisions}**${record.kind === 'restore' ? '' : readText(plan)}`,
    '',
  ].join('\n');
};

const readText = ({ revisions, coverage: { analysed, total } }: PlanSummary): string =>
  ` (${revisions}), ${analysed} of ${total} statements analysed`;

const lineText = ({ name, state, ms, note }: Line): string => {
  const time = ms === undefined ? '' : ` (${duration(ms)})`;
  return `- ${marks[state]} **${name}**${time}${note ? `: \`${plain(note)}\`` : ''}`;
};

const plain = (text: string): string => text.replaceAll('`', "'").replace(/\s+/g, ' ').slice(0, 300);

function nextText(record: RunRecord): string {
  const { outcome, target, runId } = record;
  if (outcome === 'waiting') return gateText(record);
  if (outcome === 'repair' && asksAboutFound(record))
    return [
      '### What to do now',
      'An earlier run came to no end and left the site closed. Send `retry`, and this run goes on, takes the closed site over and opens it at its end; or `maintenance` with `"turn":"off"` to open it now; or `stop` to leave all as it is:',
      '```json',
      '{"by":"you@example.com"}',
      '```',
      `By CLI: \`lockkeeper retry ${target}\` or \`lockkeeper stop ${target} --note "…"\``,
    ].join('\n');
  if (outcome === 'repair')
    return [
      '### What to do now',
      'An undo failed. Put right what it names, then send `retry`, or send `stop` to end the run as it is:',
      '```json',
      '{"by":"you@example.com"}',
      '```',
      `By CLI: \`lockkeeper retry ${target}\` or \`lockkeeper stop ${target} --note "…"\``,
    ].join('\n');
  if (outcome === 'running') return 'Nothing waits for you. Cancelling the run undoes what it did.';
  return `Report: \`lockkeeper report ${target} --run ${runId}\``;
}

/** A run that waits over what it has found has not begun to undo anything. */
export const asksAboutFound = ({ facts }: Pick<RunRecord, 'facts'>): boolean =>
  facts.some(({ kind }) => kind === 'found') && !facts.some(({ kind }) => kind === 'undo failed');

/** What is decided, and how: first what to do, because the page is read at night. */
function gateText(record: RunRecord): string {
  const asked = askedOf(record);
  const plan = planOf(record);
  if (!asked || !plan) return '';
  const hash = asked.planHash.slice(0, 12);
  const said = record.facts.filter((fact) => fact.kind === 'said' || fact.kind === 'refused').slice(-5);
  const titles = sectionTitles(record.kind);
  const [word, choice] = asked.manual ? ['choose', ',"choice":"migrate"'] : ['approve', ''];
  return [
    `### Decide until ${asked.until.slice(0, 16).replace('T', ' ')} UTC`,
    asked.manual ? 'A person chooses: `migrate`, `skip` or `end`.' : `${asked.approvals} must approve.`,
    `Send the update or signal \`${word}\` (or \`reject\`):`,
    '```json',
    `{"by":"you@example.com","plan":"${hash}"${choice}}`,
    '```',
    `By CLI: \`lockkeeper approve ${record.target}\` shows the whole plan and asks. Without it: start the workflow`,
    '`read` (any id, the same task queue) with this input; its result is the plan, in pages:',
    '```json',
    `{"target":"${record.target}","what":"check","hash":"${hash}"}`,
    '```',
    ...section('Not automatic', plan.gate.notAutomatic ?? []),
    ...section(titles.findings, plan.findings),
    ...(plan.rehearsed ? [`### ${titles.rehearsed}`, plain(plan.rehearsed)] : []),
    ...section('Forecast', plan.forecast ? forecastLines(plan.forecast).slice(0, 2) : []),
    ...section('Backup', plan.backup ? [backupText(plan.backup)] : []),
    ...section(titles.rollback, plan.rollback),
    ...section('Said', said.map(saidText)),
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length ? [`### ${title}`, ...few(lines, 6).map((line) => `- ${plain(line)}`)] : [];

const saidText = (fact: Fact): string =>
  fact.kind === 'refused'
    ? `${fact.message} of ${fact.by} refused: ${fact.why}`
    : fact.kind === 'said'
      ? `${fact.by}: ${fact.message}${fact.note ? ` (${fact.note})` : ''}`
      : '';
