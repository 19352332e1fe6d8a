import { Problem } from '../problem.js';

/** A session of a dead attempt was told to end, and did not. */
export const orphanStays = (pids: readonly number[]) =>
  new Problem('orphan-stays', {
    what: `sessions of an earlier attempt do not end (pid ${pids.join(', ')})`,
    next: [
      'look at them: select * from pg_stat_activity where pid in (…)',
      'the run goes on once they are gone',
    ],
    retry: true,
  });

/** The database stands at revisions that the plan does not know. */
export const databaseMoved = (now: readonly string[], plan: readonly string[]) =>
  new Problem('database-moved', {
    what: `the database is at ${now.join(', ') || 'base'}, which this plan does not know`,
    why: `the plan goes to ${plan.join(', ')}: somebody else has migrated meanwhile`,
    next: ['find out who did: alembic history, the log of other deploys', 'put it right by hand, then retry'],
    retry: false,
  });

/** A revision says that it cannot be taken back. */
export const noDowngrade = (revision: string, file: string, kind: string) =>
  new Problem('no-downgrade', {
    what: `revision ${revision} cannot be taken back: its downgrade ${kind === 'raises' ? 'raises an error' : 'is missing'}`,
    next: [`write downgrade() in ${file}, or undo by hand what it did`, 'then retry, or stop the run'],
    retry: false,
  });

/** Everything was taken back, and still the schema is another than before. */
export const notAsBefore = (missing: readonly string[], added: readonly string[]) =>
  new Problem('not-as-before', {
    what: 'the schema is not as it was before the migration',
    why: [...missing.map((line) => `missing: ${line}`), ...added.map((line) => `left over: ${line}`)]
      .slice(0, 12)
      .join('; '),
    next: ['put these objects right by hand, then retry', 'or stop the run if they may stay'],
    retry: false,
  });
