import { budgetExample, endable } from '../domain/blocked-gate.js';
import { longerText, neededText, spentText } from '../domain/blocked-text.js';
import { holderText } from '../domain/problems/lock-blocked.js';
import { budgetsSince } from '../domain/asked.js';
import type { Fact, RunRecord } from '../domain/record.js';
import { minuteOf } from '../domain/units.js';

/** Who keeps the migration from its lock, and what a person can choose, as commands. */
export function blockedText(record: RunRecord, fact: Extract<Fact, { kind: 'blocked' }>): string[] {
  const { blocked, people, noWindow, until } = fact;
  const { revision, statement, holders, undo } = blocked;
  const pids = endable(blocked);
  const choose = (what: string, flags = '') => `  lockkeeper choose ${what} ${record.target}${flags}`;
  return [
    '',
    `${undo ? 'Going back, revision' : 'Revision'} ${revision} needs ${neededText(blocked)}: ${statement.replace(/\s+/g, ' ')}`,
    spentText(blocked),
    ...longerText(blocked),
    'In the way:',
    ...(holders.length
      ? holders.map((each) => `  ${holderText(each)}`)
      : ['  nobody that this role may see']),
    '',
    until ? `A person must choose until ${minuteOf(until)} UTC; silence gives up:` : 'A person must choose:',
    choose('wait'),
    choose(
      'budget',
      ` --ms ${budgetExample(blocked)}${people > 1 ? `   by ${people} people, the same number` : ''}`,
    ),
    ...budgetsSince(record, fact).map(
      ({ by, budgetMs: to = 0 }) => `                      ${by} stands for ${to} ms`,
    ),
    ...(pids.length ? [choose('cancel', ` --pid ${pids.join(' ')}`)] : []),
    ...(noWindow ? [] : [choose('window')]),
    choose('give-up', undo ? '   then lockkeeper retry or stop' : ''),
  ];
}
