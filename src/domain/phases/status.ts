import type { Failure } from '../record.js';
import { code, fitted, words } from '../markdown.js';
import type { OldCodeProof } from '../old-code.js';
import { minuteOf } from '../units.js';
import type { PhaseName } from './settings.js';

/** How a phase stands. */
export type PhaseState =
  'to do' | 'waits' | 'running' | 'needs a person' | 'done' | 'nothing to do' | 'taken back';

/** One phase with what became of it. */
export interface PhaseLine {
  phase: PhaseName;
  state: PhaseState;
  /** In a few words: what it did, or what it waits for. */
  says: string;
  /** ISO 8601, UTC. */
  began?: string;
  ended?: string;
  /** The run that did it: its record is in the state folder under this id. */
  runId?: string;
  planHash?: string;
  /** The release that it was of, and the one that ran before. */
  release?: string;
  before?: string | null;
}

/** How the whole stands. `going back`: a phase is being taken back. */
export type PhasesState =
  'starting' | 'waits' | 'running' | 'paused' | 'going back' | 'needs a person' | 'done' | 'abandoned';

/** How a change stands, as its workflow tells. */
export interface PhasesStatus {
  target: string;
  change: string;
  requestedBy: string;
  state: PhasesState;
  /** The phase that is at work or next; null: none is left. */
  phase: PhaseName | null;
  /** Why, in words: until when it waits and for what, or what failed. */
  says: string;
  /** What can be said or done now. */
  next: readonly string[];
  /** When it goes on by itself: ISO 8601, UTC; null: when somebody says so, or something ends. */
  until: string | null;
  lines: readonly PhaseLine[];
  /** Plans of all runs that did a phase: no other deploy is taken back. */
  plans: readonly string[];
  /** All runs of the target that did or took back a phase, in their order: their records are in the state folder. */
  runs: readonly string[];
  /** What should be known of the change. */
  notes: readonly string[];
  /** What happened and was said, oldest first: each with its time. */
  said: readonly string[];
  failure: Failure | null;
  /** Whether old code is left, as it was looked at last. */
  proof: OldCodeProof | null;
  /** Numbers are of this time: ISO 8601, UTC. */
  at: string;
}

export const isDone = ({ state }: PhaseLine): boolean => state === 'done' || state === 'nothing to do';

/** The phase that comes next. */
export const nextOf = (lines: readonly PhaseLine[]): PhaseLine | undefined =>
  lines.find((line) => !isDone(line));

/** The last phase that is done and has changed something: what `back` takes back. */
export const lastDoneOf = (lines: readonly PhaseLine[]): PhaseLine | undefined => {
  const next = lines.findIndex((line) => !isDone(line));
  return lines.slice(0, next < 0 ? lines.length : next).findLast(({ state }) => state === 'done');
};

/** What `back` takes back: a backfill that has begun, else what is done. */
export function backTargetOf(lines: readonly PhaseLine[]): PhaseLine | undefined {
  const next = nextOf(lines);
  return next?.phase === 'backfill' && next.began ? next : lastDoneOf(lines);
}

/** When the phase before it ended: its wait begins then. */
export const endedBefore = (lines: readonly PhaseLine[], phase: PhaseName): string | undefined =>
  lines
    .slice(
      0,
      lines.findIndex((line) => line.phase === phase),
    )
    .findLast(({ ended }) => ended !== undefined)?.ended;

type Standing = Pick<PhasesStatus, 'state' | 'phase'>;

/** In a few words: `waits before contract`; `constrain` while that runs. */
export function standingWord({ state, phase }: Standing): string {
  if (!phase || state === 'done' || state === 'abandoned' || state === 'starting') return state;
  return state === 'running' ? phase : `${state} before ${phase}`;
}

/** The same where other workflows stand beside it, too. */
export const phasesWord = (status: Standing): string => `phases: ${standingWord(status)}`;

/** As many of what was said as stay: each continue-as-new carries them. */
const KEPT = 40;
export const withSaid = (said: readonly string[], line: string): string[] =>
  [...said, line.slice(0, 240)].slice(-KEPT);

/** One sign for each state, for lists. */
export const marks: Readonly<Record<PhaseState, string>> = {
  ...{ 'to do': '·', waits: '…', running: '▶', 'needs a person': '!' },
  ...{ done: '✓', 'nothing to do': '–', 'taken back': '↩' },
};

/** `✓ expand: done 2026-11-26 20:00, 2 revisions`. */
export function lineText({ phase, state, says, ended }: PhaseLine): string {
  const when = ended && state === 'done' ? ` ${minuteOf(ended)}` : '';
  return `${marks[state]} ${phase}: ${state}${when}${says ? `, ${says}` : ''}`;
}

/** The page that Temporal's Web UI shows of it: Markdown. */
export function phasesPage(status: PhasesStatus): string {
  const { target, change, state, says, until, lines, next, failure, proof, notes, said } = status;
  const over = state === 'done' || state === 'abandoned';
  return fitted(
    [
      `## ${words(change)} of ${words(target)}: ${standingWord(status)}`,
      ...(says ? [words(says)] : []),
      ...(until ? [`It goes on by itself at ${minuteOf(until)} UTC.`] : []),
      '',
      ...lines.map((line) => `- ${words(lineText(line))}`),
      ...list('What to do', [...next, ...(failure?.next ?? [])]),
      ...(proof && !over ? list('No old code left?', proofLines(proof)) : []),
      ...list('To know', notes.slice(0, 6)),
      ...list('Said and done', said.slice(-8)),
      '',
      ...(over
        ? []
        : [
            'Send `pause`, `resume`, `go`, `back` or `abandon`, as signal or update: `{"by":"you@example.com"}`.',
          ]),
    ],
    'More by CLI: `lockkeeper phases status`',
  );
}

export const proofLines = ({ evidence, missing }: OldCodeProof): string[] => [
  ...evidence.map(({ source, says, holds, next = [] }) =>
    [`${holds ? 'gone' : 'LEFT'}, ${source}: ${says}`, ...next].join(': '),
  ),
  ...missing.map((line) => `missing: ${line}`),
];

const list = (title: string, all: readonly string[]): string[] =>
  all.length ? ['', `### ${title}`, ...all.map((line) => `- ${code(line)}`)] : [];
