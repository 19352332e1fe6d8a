import type { Hand } from '../../domain/hand.js';
import type { Plan } from '../../domain/plan.js';
import { inContainer } from './container.js';
import type { Part } from './part.js';
import { nothingWritten } from './written.js';
import { ask, identifier, inFolder, psql, quoted } from './shell.js';

/** `alembic downgrade`, to exactly the revisions that the database had. */
export const schemaBack = (hand: Hand, plan: Plan): Part => ({
  title: 'Put the schema back',
  says: [
    `alembic downgrade, by the revision files of ${plan.release}: those of the release before do not know the revisions.`,
    'What is not in the database is passed over.',
  ],
  commands: [
    ...noMoreSessions(hand),
    ...nothingWritten(hand.removes),
    ...alembic(hand, plan, 'downgrade', downgrades(plan)),
  ],
  check: [at(plan, plan.from), NO_BROKEN_INDEX],
  notes: plan.rollback.map((line) => `the plan says: ${line}`),
});

/** `alembic upgrade`, to the plan's revisions. */
export const schemaForward = (hand: Hand, plan: Plan, title: string): Part => ({
  title,
  says: [`alembic upgrade, by the revision files of ${plan.release}: those that were approved.`],
  commands: [
    ...noMoreSessions(hand),
    ...alembic(hand, plan, 'upgrade', plan.to.length ? plan.to : ['heads']),
  ],
  check: [at(plan, plan.to), NO_BROKEN_INDEX],
});

/** The checks of the target are those of the new release: on the way back only the revisions are looked at. */
export const isBack = (plan: Plan): Part => ({
  title: 'Verify',
  says: ['The database is at the revisions of before.'],
  commands: [],
  check: [at(plan, plan.from)],
});

/** Sessions of a dead attempt may still commit. */
export function noMoreSessions({ settings: { target } }: Hand): string[] {
  const name = `lockkeeper:${target.slice(0, 30)}:`;
  return psql('SERVER', [
    '-- what an attempt that died has left: it may still commit, and it holds locks',
    'select pid, application_name, pg_terminate_backend(pid) from pg_stat_activity',
    `  where left(application_name, ${name.length}) = '${name}' and pid <> pg_backend_pid();`,
  ]);
}

/** Alembic takes one revision at a time: each that the database had, and those that began a branch. */
export function downgrades({ from, revisions }: Pick<Plan, 'from' | 'revisions'>): string[] {
  if (!from.length) return ['base'];
  const roots = revisions.filter(({ down }) => down.length === 0).map(({ revision }) => `${revision}@base`);
  return [...roots, ...from];
}

function alembic(
  { settings }: Hand,
  plan: Plan,
  verb: 'upgrade' | 'downgrade',
  to: readonly string[],
): string[] {
  const { python, project, config, environment } = settings.alembic;
  const kept = plan.revisions.map(({ file, sha256 }) => {
    const from = quoted(`${settings.state}/revisions/${sha256}.py`);
    return `cmp -s ${from} ${quoted(file)} || cp ${from} ${quoted(file)}`;
  });
  const run = `${python.map(quoted).join(' ')} -m alembic -c ${quoted(config)} ${verb}`;
  const lines = to.map((revision) => `${run} ${quoted(revision)}`);
  if (settings.container) return inContainer(settings, plan, lines);
  return [
    "# cp: the files as they were approved, from the state folder. env.py is the release's own.",
    ...inFolder(
      project.replaceAll('{release}', plan.release),
      environment,
      [...kept, ...lines],
      settings.folder,
    ),
  ];
}

/** Fails unless the database is at these revisions. */
function at({ versionTable: { schema, name } }: Plan, revisions: readonly string[]): string {
  const table = [...(schema ? [schema] : []), name].map(identifier).join('.');
  const sql = `select coalesce(string_agg(version_num, ' ' order by version_num collate "C"), 'base') from ${table}`;
  return `test "$(${ask('LIVE', sql)})" = ${quoted([...revisions].sort().join(' ') || 'base')}`;
}

/** An index that a build was cut off in is in the way of the next one. */
const NO_BROKEN_INDEX = `test -z "$(${ask('LIVE', 'select indexrelid::regclass from pg_index where not indisvalid')})"   # else: drop index concurrently NAME`;
