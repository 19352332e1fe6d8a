import { blockedOf } from './asked.js';
import type { Fact, RunRecord, StepName, UndoName } from './record.js';
import { stateOf } from './state.js';

/** The run's state in one word or two, for lists: what it does now, or how it ended. */
export function stateWord(record: RunRecord): string {
  if (record.outcome === 'waiting') return blockedOf(record) ? 'blocked' : 'waiting for a decision';
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

/** A run that waits over what it has found has not begun to undo anything. */
export const asksAboutFound = ({ facts }: Pick<RunRecord, 'facts'>): boolean =>
  facts.some(({ kind }) => kind === 'found') && !facts.some(({ kind }) => kind === 'undo failed');
