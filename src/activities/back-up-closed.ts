import { join } from 'node:path';
import { type ClosedOptions, describeClosed, takeTemplate } from '../adapters/backup/template.js';
import type { Backup } from '../domain/backup.js';
import type { Plan } from '../domain/plan.js';
import type { Noted, RunInput } from '../domain/steps.js';
import { runCommands } from './commands.js';
import type { Target } from './home.js';
import { copiesName } from './restore-options.js';
import { sessionName } from './standing.js';
import type { Work } from './work.js';

/**
 * Backs up the closed database in the way that `closure.backup` says; for the undo of this run alone.
 *
 * @returns undefined where it says `dump`, which is taken like any other
 * @throws Problem of `takeTemplate` and `describeClosed`; `command-failed`, `command-too-long`
 */
export async function backUpClosed(
  target: Target,
  plan: Plan,
  { runId }: RunInput,
  work: Work,
): Promise<(Backup & Noted) | undefined> {
  const { closure } = target.settings;
  const options = optionsFor(target, plan, runId, work);
  const database = { url: target.url() };
  if (closure?.backup === 'template') {
    const backup = await takeTemplate(database, options);
    return { ...backup, note: `copied into the database ${backup.path}` };
  }
  if (closure?.backup !== 'command') return undefined;
  const backup = await describeClosed(database, options, () => snapshot('take', target, runId, work));
  return { ...backup, note: `put aside by closure.snapshot as ${snapshotName(target, runId)}` };
}

const optionsFor = (target: Target, plan: Plan, runId: string, work: Work): ClosedOptions => ({
  folder: join(target.config.state, 'closed', target.name),
  id: `${runId}-closed`,
  run: copiesName('closure', target.name, runId),
  applicationName: sessionName(target.name, 'again', runId),
  attempt: work.attempt,
  ignore: target.settings.ignore,
  versionTable: plan.versionTable,
  release: plan.running,
  signal: work.signal,
  onProgress: work.progress,
});

const snapshotName = ({ name }: Target, runId: string): string => `lockkeeper-${name}-${runId}`;

/** Runs the user's commands that take a snapshot, or put the database back to it. */
export async function snapshot(
  way: 'take' | 'back',
  target: Target,
  runId: string,
  work: Work,
): Promise<void> {
  const { snapshot: commands } = target.settings.closure ?? {};
  if (!commands)
    throw new Error('closure.backup is command without closure.snapshot: the settings refuse that');
  const environment = { LOCKKEEPER_SNAPSHOT: snapshotName(target, runId), LOCKKEEPER_RUN: runId };
  const step = way === 'take' ? 'back up again' : 'put the database back';
  const { timeoutSeconds } = commands;
  await runCommands(commands[way], { target, runId, step, environment, timeoutSeconds }, work);
}
