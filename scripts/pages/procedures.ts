import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StepName, UndoName } from '../../src/domain/record.js';

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
    says: 'Of the last deploy. The site is closed for it where the deploy was of high risk. What would lose something that was written since is refused before anything is changed.',
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
