import { holdersText } from './blocked-text.js';
import { code, fitted, words } from './markdown.js';
import { asksAboutFound, linesOf, stateWord, type Line, type LineState } from './page.js';
import { blockedLines } from './page-blocked.js';
import { clock, gateLines } from './page-gate.js';
import { failureLines, leftLines, repairLines } from './page-repair.js';
import { blockedOf } from './asked.js';
import { failureOf, lastOf, planOf, wayOf, type Fact, type RunRecord } from './record.js';
import { stateOf, stateText } from './state.js';
import { duration } from './units.js';

/**
 * The run as Temporal's Web UI and `temporal workflow metadata` show it, in Markdown: how things stand, what to do
 * now, and then what happened. At most 4 KB, because the Web UI puts it into an address.
 */
export function pageText(record: RunRecord): string {
  const lines = [
    `## ${record.kind} ${record.target}: ${titleWord(record)}`,
    ...standsLines(record),
    '',
    ...nowLines(record),
    ...section('Said and found', record.facts.flatMap(saidText).slice(-6)),
    ...section('The runbook', linesOf(record).map(lineText)),
  ];
  return fitted(lines, `… the rest: ${code(`lockkeeper status ${record.target}`)}`);
}

const titleWord = (record: RunRecord): string => {
  if (record.outcome !== 'repair') return stateWord(record);
  return asksAboutFound(record) ? 'a person must decide' : 'an undo failed';
};

/** How things stand. That the site is closed must not be missed. */
function standsLines(record: RunRecord): string[] {
  const state = stateOf(record);
  const text = stateText(state);
  if (state.site === 'open') return [text];
  return [`**${text}**`, ...closedTexts(record.facts).map(words)];
}

/** Since when it is closed, until when and by whom; and that it lasts too long. */
function closedTexts(facts: readonly Fact[]): string[] {
  const closed = facts.findLast(
    (fact) =>
      (fact.kind === 'finished' && fact.step === 'maintenance on') ||
      (fact.kind === 'site' && fact.is === 'closed'),
  );
  const overdue = lastOf({ facts }, 'overdue');
  return [
    ...(closed && 'note' in closed && closed.note ? [closed.note] : []),
    ...(overdue ? [`ALARM: ${overdue.says}`] : []),
  ];
}

function nowLines(record: RunRecord): string[] {
  const { outcome, target, runId } = record;
  const blocked = blockedOf(record);
  if (blocked) return blockedLines(record, blocked);
  if (outcome === 'waiting') return gateLines(record);
  if (outcome === 'repair') return repairLines(record);
  if (outcome === 'running') return [...planLines(record), runningText(record), ''];
  const failure = outcome === 'done' ? undefined : failureOf(record);
  return [
    ...planLines(record),
    ...(failure ? [...failureLines(failure), ''] : []),
    ...(outcome === 'needs operator' ? ['### Left to do by hand', ...leftLines(record)] : []),
    `Report: ${code(`lockkeeper report ${target} --run ${runId}`)}`,
    '',
  ];
}

function runningText({ facts }: RunRecord): string {
  const last = facts.findLast(({ kind }) => kind === 'undoing' || kind === 'committed' || kind === 'started');
  if (last?.kind === 'undoing') return 'Nothing waits for you: what was done is being undone.';
  return facts.some(({ kind }) => kind === 'committed')
    ? 'Nothing waits for you. The point of no return is passed: cancelling no longer does anything.'
    : 'Nothing waits for you. Cancelling the run undoes what it did.';
}

function planLines(record: RunRecord): string[] {
  const plan = planOf(record);
  if (!plan) return [];
  const { release, revisions } = wayOf(plan, record.kind);
  return [
    `Release **${words(release)}**, revisions **${words(revisions)}** (${plan.revisions}), risk **${plan.risk}**, ` +
      `plan ${code(plan.planHash.slice(0, 12))}`,
    '',
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length ? [`### ${title}`, ...lines.map((line) => `- ${line}`), ''] : [];

function saidText(fact: Fact): string[] {
  if (fact.kind === 'blocked') return [`${clock(fact.at)} **blocked**: ${words(holdersText(fact.blocked))}`];
  if (fact.kind === 'put off') return [`${clock(fact.at)} put off: ${words(fact.note)}`];
  if (fact.kind === 'tried again') return [`${clock(fact.at)} tried again: ${words(fact.note)}`];
  if (fact.kind === 'refused')
    return [`${clock(fact.at)} ${fact.message} of ${code(fact.by)} **refused**: ${code(fact.why)}`];
  if (fact.kind === 'found') return [`${clock(fact.at)} found: ${words(fact.what)}`];
  if (fact.kind === 'site') return [`${clock(fact.at)} the site is **${fact.is}**: ${words(fact.note)}`];
  if (fact.kind === 'overdue') return [`${clock(fact.at)} **ALARM**: the site is ${words(fact.says)}`];
  if (fact.kind !== 'said') return [];
  return [`${clock(fact.at)} ${fact.message} of ${code(fact.by)}${fact.note ? `: ${words(fact.note)}` : ''}`];
}

const marks: Record<LineState, string> = {
  done: '✅',
  now: '⏳',
  'to do': '⬜',
  failed: '❌',
  undone: '↩️',
  left: '⚠️',
};

const lineText = ({ name, state, ms, note }: Line): string => {
  const time = ms === undefined ? '' : ` (${duration(ms)})`;
  return `${marks[state]} **${name}**${time}${note ? `: ${code(note)}` : ''}`;
};
