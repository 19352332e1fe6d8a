import type { TargetSettings } from '../config/schema.js';
import { deployNotConfirmed } from '../domain/problems/commands.js';
import type { StepInput, Undone } from '../domain/steps.js';
import { assertStands, keepBeforeStart, movedNote, type Start } from './before-start.js';
import { runCommands } from './commands.js';
import { startByCompose } from './compose/start.js';
import { composeOf } from './compose/target.js';
import { runningRelease } from './fetch-release.js';
import type { Home } from './home.js';
import { noteStatements } from './old-code/note.js';
import { settingsNote } from './plan-settings.js';
import { readPlan } from './plans.js';
import { forgetStopped } from './stopped.js';
import type { Work } from './work.js';

/**
 * Starts the plan's release, or with `direction: back` the one that ran before, by the target's commands, and
 * confirms by `release.running` that it is the one that runs. The commands are run even when it seems to run:
 * an attempt that was killed half way may have left something half started, and they are safe to repeat.
 *
 * Where compose starts it, by images and containers themselves.
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
  const { deploy } = target.settings;
  if (!deploy) return { note: 'the target has no deploy commands' };
  const wanted = input.direction === 'back' ? plan.running : plan.release;
  if (wanted === null) {
    const why = deploy.compose
      ? 'nothing ran before'
      : 'which release ran before is not known (release.running is not set)';
    return { left: `${why}: ${plan.release} stays` };
  }
  const start: Start = { target, plan, input, work };
  if (input.direction !== 'back') await keepBeforeStart(start);
  const how = await startWanted(start, wanted, deploy);
  await forgetStopped(target);
  if (input.direction === 'back') return { note: `${wanted}${how}${await movedNote(start)}` };
  await assertStands(start);
  // So that it can be told later what was run since. It must not fail what has been deployed.
  await noteStatements(home, input, work).catch(() => undefined);
  return { note: `${wanted}${how}${settingsNote(plan, target)}` };
}

/** @returns how it went, in words to put behind others */
async function startWanted(
  { target, plan, input, work }: Start,
  wanted: string,
  { commands = [], timeoutSeconds }: NonNullable<TargetSettings['deploy']>,
): Promise<string> {
  const { release } = target.settings;
  const back = input.direction === 'back';
  const of = await composeOf(target, work.signal);
  if (of) return `: ${await startByCompose(of, { target, plan, back, runId: input.runId, work })}`;
  const environment = {
    LOCKKEEPER_RELEASE: wanted,
    LOCKKEEPER_RUNNING_RELEASE: (await runningRelease(target, input.runId, work)) ?? '',
    LOCKKEEPER_RUN: input.runId,
    LOCKKEEPER_STEP: back ? 'put-back' : 'deploy',
  };
  const options = { target, runId: input.runId, step: 'deploy', environment };
  await runCommands(commands, { ...options, timeoutSeconds }, work);
  const running = await runningRelease(target, input.runId, work);
  if (release.running && running !== wanted) throw deployNotConfirmed(wanted, running ?? '');
  return '';
}
