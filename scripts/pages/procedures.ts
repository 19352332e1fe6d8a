import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Fact, StepName, UndoName } from '../../src/domain/record.js';
import { stateOf, type State } from '../../src/domain/state.js';

/** A procedure, and where it is written. */
export interface Procedure {
  file: string;
  title: string;
  says: string;
  /** Lines that every deploy does before its procedure. */
  first: readonly StepName[];
}

const DEPLOY = ['fetch release', 'check'] as const;
export const procedures: readonly Procedure[] = [
  {
    ...{ file: 'low-risk', title: 'Low risk', first: DEPLOY },
    says: 'Online. *back up* when asked for (`--backup`), *approve* in manual mode or where the settings or the plan ask for it, *window* where there are windows.',
  },
  {
    ...{ file: 'medium-risk', title: 'Medium risk', first: DEPLOY },
    says: 'Online, after a backup, a rehearsal and the approval of a person.',
  },
  {
    ...{ file: 'high-risk', title: 'High and very high risk', first: DEPLOY },
    says: 'With the site closed; all that is slow comes before. High risk goes back by its downgrade when that brings back the schema of before, and by the restore otherwise; very high risk the same where all that it takes was kept, and then its keepsakes go back; else by the restore.',
  },
  {
    ...{ file: 'deploy-only', title: 'Without a migration', first: DEPLOY },
    says: 'Nothing is pending, or it is skipped on purpose (`--skip-migrate`).',
  },
  {
    ...{ file: 'rollback', title: 'Rollback', first: [] },
    says: 'Of the last deploy, or of several. *approve* from medium risk on; the site is closed where one of the deploys closed it. *put the schema back* and *put keepsakes back* for each deploy, the newest first. What would lose something that was written since is refused before anything is changed ([rollback.md](rollback.md)). *health* with `--schema-only`, which starts nothing.',
  },
  {
    ...{ file: 'restore', title: 'Restore', first: [] },
    says: 'Of a backup that a person names. People approve what it loses, to the row: what is written after that stops it. *maintenance on* and *off* where the target has a closure, *deploy* where another release belongs to the backup.',
  },
];

export type Line = { is: 'step'; name: StepName } | { is: 'undo'; name: UndoName } | { is: 'commit' };

/** The lines of a procedure as its source says them. */
export function linesOf({ file, first }: Procedure): Line[] {
  const path = fileURLToPath(new URL(`../../src/workflows/${file}.ts`, import.meta.url));
  const said = readFileSync(path, 'utf8').matchAll(/run\.(step|undo|commit)\((?:'([^']+)')?/g);
  const lines = [...said].map(([, is, name]) => ({ is, name }) as Line);
  return [...first.map((name) => ({ is: 'step', name }) as const), ...lines];
}

/** What becomes of a run of which a step fails. */
export interface Failing {
  step: StepName;
  /** The point of no return is passed: nothing is undone any more. */
  isFinal: boolean;
  /** What is undone, in order. */
  undos: readonly UndoName[];
  /** How things stand then. */
  state: State;
}

/** A row of the runbook's table for each step of a procedure. */
export const failingOf = (procedure: Procedure): Failing[] => {
  const lines = linesOf(procedure);
  return lines.flatMap((line, index) =>
    line.is === 'step' ? [failingAt(lines.slice(0, index), line.name)] : [],
  );
};

/** @param before - the lines above it */
function failingAt(before: readonly Line[], step: StepName): Failing {
  const isFinal = before.some(({ is }) => is === 'commit');
  const declared = before.flatMap((line) => (line.is === 'undo' ? [line.name] : [])).reverse();
  const undos = isFinal ? [] : declared;
  const done = before.flatMap((line) => (line.is === 'step' ? [line.name] : []));
  return { step, isFinal, undos, state: standing(done, step, undos) };
}

/** How things stand when these steps are done, the next one has failed, and these undos have come to a good end. */
export const standing = (done: readonly StepName[], failed: StepName, undone: readonly UndoName[]): State => {
  const facts = [
    ...done.flatMap((step) => [{ kind: 'started', step } as const, { kind: 'finished', step } as const]),
    { kind: 'started', step: failed } as const,
    ...undone.map((undo) => ({ kind: 'undone', undo }) as const),
  ];
  return stateOf({ facts: facts.map((fact): Fact => ({ at: '', ...fact })) });
};

/** How things stand when the last step before the point of no return has failed, and then this undo. */
export const undoFailingOf = (procedure: Procedure): { undo: UndoName; state: State }[] => {
  const rows = failingOf(procedure).filter(({ isFinal }) => !isFinal);
  const { step, undos } = rows.at(-1)!;
  const done = rows.slice(0, -1).map((row) => row.step);
  return undos.map((undo, at) => ({ undo, state: standing(done, step, undos.slice(0, at)) }));
};
