import { Problem } from '../problem.js';
import { count, few } from '../units.js';

/** What keeps SQL from being checked at all. What is wrong in the SQL itself is a finding. */

/** All that was named and cannot be read, a line each. */
export const sqlNotReadable = (faults: readonly string[]) =>
  new Problem('sql-not-readable', {
    what: `${count(faults.length, 'file')} cannot be checked`,
    why: faults.map((fault) => `- ${fault}`).join('\n'),
    next: ['correct the names after --sql; a folder stands for all *.sql in it, - for standard input'],
    retry: false,
  });

export const noSqlFiles = (given: readonly string[]) =>
  new Problem('no-sql-files', {
    what: `no file of SQL was found: ${given.join(', ')}`,
    why: 'a folder stands for the *.sql in it and below it',
    next: ['name the files themselves: lockkeeper check --sql FILE…'],
    retry: false,
  });

/** A schema that is not known as a whole would make verdicts too mild. */
export const schemaNotReadable = (path: string, faults: readonly { line: number; why: string }[]) =>
  new Problem('schema-not-readable', {
    what: `the schema in ${path} cannot be read as a whole`,
    why: few(
      faults.map(({ line, why }) => `- line ${line}: ${why}`),
      9,
    ).join('\n'),
    next: [
      'write it anew: pg_dump --schema-only --no-owner DATABASE > schema.sql',
      'or leave --schema out: then verdicts are as careful as they must be without',
    ],
    retry: false,
  });

/** Flags that contradict each other, or need one another. */
export const flagsDisagree = (why: string, next: string) =>
  new Problem('wrong-use', {
    what: why,
    next: [next, 'lockkeeper check --help shows its flags'],
    retry: false,
  });

export const noSuchRule = (id: string, near: readonly string[]) =>
  new Problem('no-such-rule', {
    what: `there is no rule ${id}`,
    next: [
      ...(near.length ? [`did you mean ${near.join(' or ')}?`] : []),
      'lockkeeper check --explain lists them all',
    ],
    retry: false,
  });

export const fromNeeded = () =>
  new Problem('from-needed', {
    what: 'without the database it is not known which revisions are pending',
    why: 'all revisions together would be judged as if they ran in an empty database, where nearly nothing is dangerous',
    next: [
      'say where the database stands: lockkeeper check --offline --from REVISION; in CI the head of the branch that the change goes to',
      'for a database that is made anew: --from base',
    ],
    retry: false,
  });

export const noSuchFrom = (from: readonly string[]) =>
  new Problem('no-such-from', {
    what: `no revision file has the id ${from.join(' or ')}, which --from names`,
    next: [
      'alembic history lists the ids; --from takes them in full',
      'in CI see that the checkout has the files of the branch that the change goes to',
    ],
    retry: false,
  });

/** A database that does not answer, or whose URL is not here: what the files alone tell can still be had. */
export const orOffline = ({ code, told }: Problem, target: string) =>
  new Problem(code, {
    ...told,
    next: [
      ...told.next,
      `or judge the revision files alone: lockkeeper check ${target} --offline --from REVISION`,
    ],
  });
