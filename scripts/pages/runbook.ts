import { byHand } from '../../src/domain/by-hand.js';
import { steps as allSteps, type StepName, type UndoName } from '../../src/domain/record.js';
import type { State } from '../../src/domain/state.js';
import type { Page } from './page.js';
import { failingOf, procedures, undoFailingOf, type Failing, type Procedure } from './procedures.js';

const written =
  '<!-- Written by `npm run docs` from the procedures in src/workflows; change them, not this page. -->';

/** What happens in each procedure, and how things stand when one of its steps fails. */
export const runbookPage = (): Page[] => [{ path: 'docs/runbook.md', text: page() }];

const page = (): string => `${written}

# The runbook

A deploy fetches the release, reads what would run, and does the procedure that the risk calls for. Each line below is one step of
it; all that a run did is in its record (\`lockkeeper report\`). Before a step that changes something its undo is declared. When a
step fails, or the run is cancelled, the undos declared so far are done, newest first, and the run ends as *undone* (or as *failed*
when nothing had been changed). Where taking an added table or column back would lose what was written into it since, it stays, and the run
ends as *partly undone*. *As before* is proved by comparing the schema with the one of before.

| step | what it does |
|---|---|
${allSteps.map((step) => `| ${step} | ${words[step]} |`).join('\n')}

${procedures.map(section).join('\n')}
## Settling what a run has left

\`lockkeeper emergency fix\` ([each case](emergency.md#repair-then-let-it-go-on)), after a person has repaired something by hand. Whichever of its steps fails, nothing is undone: image,
schema and data stay as that step has left them, a site that was closed stays closed, and it is called again.

## When others hold the lock

Looking first, within its stall budget: a migration that still cannot get a lock rolls its transaction back, and the run waits at the gate *blocked* with the
names of those who hold it. A person waits, approves a larger budget, has exactly those sessions ended, puts it off until the next window, or gives up
(\`lockkeeper choose\`, [each choice](temporal-cli.md#when-others-hold-the-lock)). Silence until the deadline gives up. With the site closed silence decides nothing: the run waits, and the alarm goes on.

While it runs it is stopped, and undone, where others wait for its locks for longer than the budget, where a standby falls further behind than \`alembic.limits.lagSeconds\`, and where
less than \`alembic.limits.diskFreeGiB\` stays free.

## When an undo fails

Undoing stops there: going on over a half-restored database would make it worse. The run waits at the gate *repair*, sounds
\`notify\`, and only a named person ends it: \`lockkeeper retry\` tries the undo again, \`lockkeeper stop --note "…"\` ends the run as it
is. A site that was closed stays closed, with its alarm (\`lockkeeper:<target>:maintenance\`). When *health* has failed in a run of high risk, and then

| this undo fails | image then | schema then | site then |
|---|---|---|---|
${undoFailingOf(highRisk)
  .map(
    ({ undo, state }) =>
      `| ${undo} | ${asBefore[state.release]} | ${asBefore[state.database]} | ${state.site} |`,
  )
  .join('\n')}

What is left can be done by hand, in this
order; the report of the run names the release and the revisions:

| undo | by hand |
|---|---|
${undos.map((undo) => `| ${undo} | ${byHand(undo, { target: 'shop', facts: [] })} |`).join('\n')}
`;

const highRisk = procedures.find(({ file }) => file === 'high-risk')!;

const undos: readonly UndoName[] = [
  ...(['put the release back', 'put the schema back', 'put the database back'] as const),
  ...(['migrate again', 'deploy again', 'maintenance off', 'let keepsakes go'] as const),
];

const words: Record<StepName, string> = {
  'fetch release': 'gets the files of the release: what is judged is what runs',
  check: 'reads the pending revisions, the catalog and the settings; makes the plan',
  'back up': 'a backup with hashes and manifest, read back to its end',
  rehearse:
    'restores that backup into a copy and runs the plan there: forward, back, forward; makes the plan final',
  'prove the backup':
    'restores the chosen backup into a database beside, and compares it with its manifest to the row; then compares the live database with it and writes what would be lost into files',
  'hash the files': 'hashes each file of the chosen backup anew (L1)',
  'read to the end': 'reads the archive to its end (L2)',
  'restore and compare':
    'restores the backup into a scratch database and compares it (L3), asks the verification queries there (L4); drops it',
  'let backups go': 'deletes the backups that `backup.keep` lets go, with their copies',
  approve: 'people see the plan and decide; silence until the deadline ends the run',
  window: 'waits until a change of this risk may begin',
  keepsakes:
    'copies what the plan takes into the schema `lockkeeper_keep`, while triggers write down what changes',
  compare: 'the plan, the files, the settings and the database are still what was approved',
  'maintenance on': 'closes the site, stops its writers, and proves both',
  'back up again': 'what was written since the first backup is in this one; nobody has written since',
  'rest of keepsakes': 'copies what changed since; from here on it is known which rows are written to',
  swap: 'the restored database takes the name of the live one, which is kept beside; nothing was written meanwhile',
  'put rows back': 'writes the approved rows of some tables into the live database, in one transaction',
  migrate: 'runs the revisions, each statement looked at before it queues for a lock',
  verify: "schema and revisions are the plan's; the target's own checks pass",
  deploy: 'starts the release',
  health: 'waits until it is healthy, and is the one that was meant',
  'maintenance off': 'opens the site, and proves it',
  'put the release back': 'starts the release that ran before, and waits until it is healthy',
  'put the schema back': 'alembic downgrade to the revisions of before, by the files that know them',
  'put keepsakes back':
    'what the plan took goes back to the rows that are still there; what was written since stays',
};

const section = (procedure: Procedure): string => `## ${procedure.title}

${procedure.says}

| step | if it fails or is cancelled | image then | schema then | data then | site then | worker or Temporal dead: by hand |
|---|---|---|---|---|---|---|
${failingOf(procedure).map(rowOf).join('\n')}
`;

function rowOf({ step, isFinal, undos, state }: Failing): string {
  if (isFinal)
    return `| ${step} | past the point of no return: nothing is undone; tried again, then a person is asked | changed | changed | all is kept | closed until then | maintenance off |`;
  const how = undos.length ? undos.join(', then ') : 'ends; nothing was changed';
  const byHand = undos.length ? `${undos.join(', then ')}: \`explain\`` : 'nothing is left';
  return `| ${step} | ${how} | ${asBefore[state.release]} | ${asBefore[state.database]} | ${dataThen(undos)} | ${state.site} | ${byHand} |`;
}

/** What becomes of rows. */
function dataThen(declared: readonly UndoName[]): string {
  if (declared.includes('put the database back'))
    return 'as when the site was closed; nobody has written since';
  if (declared.includes('put the schema back'))
    return 'all is kept: what was written into added tables and columns keeps these';
  return declared.includes('migrate again') ? 'all is kept: what would be lost turns it around' : 'untouched';
}

const asBefore: Record<State['database'] | State['release'], string> = {
  unchanged: 'unchanged',
  'half changed': 'half changed',
  changed: 'changed',
  restored: 'restored',
  'put back': 'as before',
  'added schema left': 'with the added schema',
};
