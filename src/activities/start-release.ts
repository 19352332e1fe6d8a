import { deployNotConfirmed } from '../domain/problems/commands.js';
import type { StepInput, Undone } from '../domain/steps.js';
import { assertStands, keepBeforeStart, movedNote } from './before-start.js';
import { runCommands } from './commands.js';
import { runningRelease } from './fetch-release.js';
import type { Home } from './home.js';
import { settingsNote } from './plan-settings.js';
import { readPlan } from './plans.js';
import type { Work } from './work.js';

/**
 * Starts the plan's release, or with `direction: back` the one that ran before, by the target's commands, and
 * confirms by `release.running` that it is the one that runs. The commands are run even when it seems to run:
 * an attempt that was killed half way may have left something half started, and they are safe to repeat.
 *
 * Forward, the database must stand afterwards where it stood before.
 *
 * @returns `left` when nobody knows what ran before
 * @throws Problem `command-failed`, `command-too-long`, `deploy-not-confirmed`,
 *   `release-migrates`
 */
export async function startRelease(home: Home, input: StepInput, work: Work): Promise<Undone> {
  const target = home.target(input.target);
  const plan = await readPlan(target.config.state, input.planHash);
  const { deploy, release } = target.settings;
  if (!deploy) return { note: 'the target has no deploy commands' };
  const wanted = input.direction === 'back' ? plan.running : plan.release;
  if (wanted === null)
    return {
      left: `which release ran before is not known (release.running is not set): ${plan.release} stays`,
    };
  const start = { target, plan, input, work };
  if (input.direction !== 'back') await keepBeforeStart(start);
  const environment = {
    LOCKKEEPER_RELEASE: wanted,
    LOCKKEEPER_RUNNING_RELEASE: (await runningRelease(target, input.runId, work)) ?? '',
    LOCKKEEPER_RUN: input.runId,
    LOCKKEEPER_STEP: input.direction === 'back' ? 'put-back' : 'deploy',
  };
  const options = { target, runId: input.runId, step: 'deploy', environment };
  await runCommands(deploy.commands, { ...options, timeoutSeconds: deploy.timeoutSeconds }, work);
  const running = await runningRelease(target, input.runId, work);
  if (release.running && running !== wanted) throw deployNotConfirmed(wanted, running ?? '');
  if (input.direction === 'back') return { note: `${wanted}${await movedNote(start)}` };
  await assertStands(start);
  return { note: `${wanted}${settingsNote(plan, target)}` };
}
