import type { Hand } from '../../domain/hand.js';
import { closesSite, type Plan } from '../../domain/plan.js';
import { isRestorePlan } from '../../domain/restore.js';
import { noMoreSessions, schemaBack } from './alembic.js';
import type { Part } from './part.js';
import { ask, inFolder, commandLine, literal, psql, quoted } from './shell.js';

type Taken = NonNullable<Hand['backup']>;

/**
 * The database of before: after a change of very high risk, from the backup that was taken with the site closed;
 * after one of high risk by the downgrade, and the backup is what is left where that does not come to the same schema.
 */
export function databaseBack(hand: Hand): Part {
  const { plan, backup } = hand;
  if (!plan) return nobodyKnows('No plan is known of this run.');
  if (isRestorePlan(plan)) return swappedBack(hand, plan.database.name, plan.keepAs);
  const restored = backup
    ? fromBackup(hand, plan, backup)
    : nobodyKnows('No backup of the closed site is known.');
  if (plan.risk === 'very-high' || !closesSite(plan.procedure)) return restored;
  // Nobody has written since: what is in added columns was put there by the migration.
  const removes = { tables: [], columns: [] };
  return { ...schemaBack({ ...hand, removes }, plan), title: TITLE, otherwise: restored };
}

const TITLE = 'Put the database back';

const nobodyKnows = (why: string): Part => ({
  title: TITLE,
  says: [`${why} Look at the backups in the state folder, and at alembic_version.`],
  commands: ['exit 1'],
  check: [],
});

function fromBackup(hand: Hand, plan: Plan, backup: Taken): Part {
  const { database, keepAs, kind, path } = backup;
  if (kind === 'command') return snapshotBack(hand);
  const put = kind === 'template' ? renamed(path, database, keepAs) : restored(path, database, keepAs);
  return {
    title: TITLE,
    says: [
      `The database as it was at ${backup.startedAt}, when nobody wrote any more: it loses nothing.`,
      `The one of now is kept as ${keepAs}; drop it when nobody needs it. About as long as a restore takes.`,
    ],
    commands: [
      ...noMoreSessions(hand),
      `if ${isDone(keepAs)}; then echo 'restored already'; else`,
      ...putAside(database, keepAs),
      ...put,
      'fi',
    ],
    check: [
      `psql -XAt "$LIVE" -c 'select version_num from alembic_version'   # ${plan.from.join(', ') || 'none'}`,
    ],
    notes: ['pg_restore must be of the major version of the server, or the newer one that wrote the archive'],
  };
}

const BY_HAND = 'lockkeeper: replaced by hand';

/** Swapped by the run itself, or by an earlier call of these commands. */
const isDone = (keepAs: string): string =>
  `test "$(${ask(
    'SERVER',
    `select shobj_description(oid, 'pg_database') ~ '"state":"kept"|${BY_HAND}' from pg_database where datname = ${literal(keepAs)}`,
  )})" = t`;

const NOT_YET = "not exists (select from pg_database where datname = :'kept')";

/** Nobody can connect any more, and the name is free. */
const putAside = (live: string, kept: string): string[] =>
  psql(
    'SERVER',
    [
      `select format('alter database %I allow_connections false', datname) from pg_database where datname = :'live' and ${NOT_YET} \\gexec`,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = :'live' and pid <> pg_backend_pid();",
      'select pg_sleep(1);',
      `select format('alter database %I rename to %I', datname, :'kept') from pg_database where datname = :'live' and ${NOT_YET} \\gexec`,
      '-- what a call of these commands that was cut off has left half restored',
      "select format('drop database %I', datname) from pg_database where datname = :'live' \\gexec",
    ],
    { live, kept },
  );

const marked = (kept: string, more: readonly string[] = [], values: Record<string, string> = {}): string[] =>
  psql('SERVER', [...more, `select format('comment on database %I is %L', :'kept', '${BY_HAND}') \\gexec`], {
    kept,
    ...values,
  });

/** The archive knows how its database was made: encoding, locale, owner, rights, settings. */
const restored = (path: string, live: string, kept: string): string[] => [
  `pg_restore --create --exit-on-error --dbname="$SERVER" ${quoted(path)}`,
  ...marked(kept),
  `# The planner knows nothing of its tables yet.`,
  `psql -X "$LIVE" -c analyze   # ${live}`,
];

/** The copy on the same server takes the name. */
const renamed = (copy: string, live: string, kept: string): string[] =>
  marked(
    kept,
    [
      "select format('alter database %I rename to %I', datname, :'live') from pg_database where datname = :'copy' \\gexec",
      "select format('alter database %I allow_connections true', :'live') \\gexec",
      "select format('comment on database %I is %L', :'live', shobj_description(oid, 'pg_database')) from pg_database where datname = :'kept' \\gexec",
    ],
    { live, copy },
  );

function snapshotBack({ settings, stood }: Hand): Part {
  const { closure, folder, target, deploy } = settings;
  const variables = {
    ...deploy?.environment,
    LOCKKEEPER_SNAPSHOT: `lockkeeper-${target}-${stood.runId}`,
    LOCKKEEPER_RUN: stood.runId,
    LOCKKEEPER_TARGET: target,
  };
  return {
    title: TITLE,
    says: ['The snapshot that was taken with the site closed, by closure.snapshot.back.'],
    commands: inFolder(folder, variables, (closure?.back ?? []).map(commandLine), folder),
    check: [`psql -XAt "$LIVE" -c 'select version_num from alembic_version'`],
  };
}

/** The undo of a restore: the database that it has put aside takes its name back. */
function swappedBack(hand: Hand, live: string, kept: string): Part {
  const restoredAs = kept.replace('_until_', '_restored_');
  const isAside = "exists (select from pg_database where datname = :'kept')";
  return {
    title: TITLE,
    says: [
      `The database that was put aside as ${kept} takes its name back; the restored one becomes ${restoredAs}.`,
    ],
    commands: [
      ...noMoreSessions(hand),
      ...psql(
        'SERVER',
        [
          `select format('alter database %I allow_connections false', :'live') where ${isAside} \\gexec`,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = :'live' and ${isAside};`,
          'select pg_sleep(1);',
          `select format('alter database %I rename to %I', datname, :'restored') from pg_database where datname = :'live' and ${isAside} \\gexec`,
          "select format('alter database %I rename to %I', datname, :'live') from pg_database where datname = :'kept' \\gexec",
          "select format('alter database %I allow_connections true', :'live') \\gexec",
        ],
        { live, kept, restored: restoredAs },
      ),
    ],
    check: [`psql -XAt "$LIVE" -c 'select version_num from alembic_version'`],
  };
}
