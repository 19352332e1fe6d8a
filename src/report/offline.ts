import type { Plan } from '../domain/plan.js';
import { count } from '../domain/units.js';
import type { Offline } from '../domain/verdict.js';
import { WIDTH } from './finding.js';
import { wrapped } from './sql-line.js';

/** The first line of a check without a database. */
export function offlineHead({ target, revisions, coverage }: Plan, { from }: Offline): string {
  const amount = `${count(revisions.length, 'revision')}, ${count(coverage.total, 'statement')}`;
  return `${target}  above ${standing(from)}, without its database   ${amount}`;
}

/** What such a check rests on, a sentence each. */
export function offlineNotes({ findings, revisions }: Plan, { from, schema }: Offline): string[] {
  const open = findings.filter(({ unsure }) => unsure !== undefined).length;
  return [
    `Judged from the revision files alone, as if the database stood at ${standing(from)}; ` +
      (schema === null
        ? 'what is in it, and how large, is not known.'
        : `what is in it is taken from ${schema}, its size is not known.`),
    ...(revisions.length > 1 ? ['All revisions are taken to share one transaction.'] : []),
    ...(open
      ? [`With the database ${count(open, 'verdict')} may change: see where something is not known.`]
      : []),
  ];
}

/** What it rests on, and that nothing can be approved by it. */
export const offlineEnd = (plan: Plan, offline: Offline): string =>
  [
    ...offlineNotes(plan, offline).map((note) => wrapped(note, WIDTH, '')),
    `This is no plan that could run. Where the database is: lockkeeper check ${plan.target}`,
  ].join('\n');

const standing = (from: readonly string[]): string => from.join(', ') || 'base';
