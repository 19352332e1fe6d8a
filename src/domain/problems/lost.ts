import { Problem } from '../problem.js';
import { count, few } from '../units.js';

/** There are no such rows, or their index cannot be read. */
export const lostMissing = (path: string, why: string) =>
  new Problem('lost-missing', {
    what: `the rows that a restore took away cannot be read from ${path}`,
    why,
    next: ['see which there are: lockkeeper restore apply --list', 'bring the folder back to that place'],
    retry: false,
  });

/** Rows are put in as they were written, or not at all. */
export const lostDamaged = (path: string, file: string) =>
  new Problem('lost-damaged', {
    what: `${file} in ${path} is not what was written; nothing was put in`,
    next: [
      'bring back a good copy of the folder',
      'the database of before a restore may still be there: \\l+ in psql',
    ],
    retry: false,
  });

/** Somebody has written the same rows since. */
export const lostConflicts = (
  { target, id }: { target: string; id: string },
  { conflicting, conflicts }: { conflicting: number; conflicts: readonly string[] },
) =>
  new Problem('lost-conflicts', {
    what: `${count(conflicting, 'row')} of ${id} of ${target} were written by somebody else since; nothing was put in`,
    why: few(conflicts, 12).join('; '),
    next: [
      'see them, and decide: the files name each row, a statement a line',
      `or put in all others: lockkeeper restore apply ${target} --lost ${id} --leave-conflicts`,
    ],
    retry: false,
  });

/** A trigger, a rule or another row kept it from being what it was. */
export const lostNotSame = (target: string, tables: readonly string[]) =>
  new Problem('lost-not-same', {
    what: `the rows were put into ${target}, and were not what they had been; all of it was taken back`,
    why: few(tables, 12).join('; '),
    next: ['look for rules on these tables: \\d+ in psql', 'or put them in by hand: apply.sql in the folder'],
    retry: false,
  });

/** The database refuses them: all or nothing. */
export const lostRefused = (target: string, table: string, why: string) =>
  new Problem('lost-refused', {
    what: `rows of ${table} cannot be put into ${target}; nothing was changed`,
    why,
    next: ['mend what its words name, then try again', 'or put them in by hand: apply.sql in the folder'],
    retry: false,
  });

/** No restore has taken rows away under that id, or more than one. */
export const noSuchLost = (target: string, wanted: string, found: readonly string[]) =>
  new Problem('no-such-lost', {
    what: found.length
      ? `${wanted} is the beginning of ${found.length} of them: ${found.slice(0, 5).join(', ')}`
      : `no restore of ${target} has taken away rows as ${wanted}`,
    next: [`see which there are: lockkeeper restore ${target}`],
    retry: false,
  });
